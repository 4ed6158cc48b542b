#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Check documents with docutils: broken tables, headings, references.

The few extensions of Sphinx that the pages use are accepted, and links to pages
must lead to one.

usage: check-documents.py FILE.rst...
"""

import sys
from pathlib import Path

import docutils.core
from docutils import nodes
from docutils.parsers.rst import Directive, directives, roles

LEVEL_INFO = 1


def page_of(directive_or_inliner, name):
    source = Path(directive_or_inliner.document.current_source)
    return source.parent / f"{name}.rst"


class Toctree(Directive):
    has_content = True
    option_spec = {"maxdepth": directives.nonnegative_int}

    def run(self):
        for name in self.content:
            if not page_of(self.state, name).exists():
                raise self.error(f"toctree names {name}, which is not there")
        return []


def doc_role(_name, rawtext, text, lineno, inliner, options=None, content=None):
    if page_of(inliner, text).exists():
        return [nodes.literal(rawtext, text)], []
    message = inliner.reporter.error(f"there is no page {text}", line=lineno)
    return [nodes.problematic(rawtext, rawtext)], [message]


def main():
    directives.register_directive("toctree", Toctree)
    roles.register_local_role("doc", doc_role)
    for file in sys.argv[1:]:
        docutils.core.publish_string(
            Path(file).read_text(encoding="utf-8"), source_path=file, writer_name="null",
            settings_overrides={"report_level": LEVEL_INFO, "halt_level": 5})


if __name__ == "__main__":
    main()
