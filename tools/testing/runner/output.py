# SPDX-License-Identifier: GPL-2.0
"""The results of a run as files: KTAP, JUnit's XML, and JSON for the report."""

import json
import re
from xml.sax.saxutils import escape, quoteattr

from results import FAIL, OK, SKIP

# What XML cannot hold, not even escaped.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LOG_BYTES = 20000


def full_name(job, result):
    return f"{job}: {result}" if result.name or result.why else job


def xml_text(text):
    return escape(NOT_XML.sub("", text))


def xml_attribute(text):
    return quoteattr(NOT_XML.sub("", text))


def log_tail(outcome):
    if not outcome.folder:
        return ""
    try:
        data = (outcome.folder / "log").read_bytes()
    except OSError:
        return ""
    return data[-LOG_BYTES:].decode(errors="replace").replace("\r", "")


def write_ktap(path, outcomes):
    lines = ["KTAP version 1", f"1..{len(outcomes)}"]
    for number, outcome in enumerate(outcomes, 1):
        name = outcome.job.name
        if outcome.left_out:
            lines.append(f"ok {number} {name} # SKIP {outcome.left_out}")
            continue
        lines += ["  KTAP version 1", f"  # Subtest: {name}", f"  1..{len(outcome.results)}"]
        for i, result in enumerate(outcome.results, 1):
            label = ktap_name(result.name or "job")
            if result.state == SKIP:
                lines.append(f"  ok {i} {label} # SKIP {result.why}")
                continue
            if result.why:
                lines.append(f"  # {result.why}")
            lines.append(f"  {result.state} {i} {label}")
        lines.append(f"{FAIL if outcome.failed else OK} {number} {name}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def ktap_name(name):
    """A '#' would begin a directive."""
    return name.replace("#", "\\#")


def write_junit(path, outcomes):
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    for outcome in outcomes:
        lines += junit_suite(outcome)
    lines.append("</testsuites>")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def junit_suite(outcome):
    name = outcome.job.name
    results = outcome.results
    skipped = outcome.count(SKIP) + bool(outcome.left_out)
    lines = [f"<testsuite name={xml_attribute(name)} tests=\"{max(len(results), 1)}\" "
             f"failures=\"{outcome.count(FAIL)}\" errors=\"0\" skipped=\"{skipped}\" "
             f"time=\"{outcome.wall:.1f}\">"]
    if outcome.left_out:
        lines += [f"<testcase classname={xml_attribute(name)} name=\"job\" time=\"0\">",
                  f"<skipped message={xml_attribute(outcome.left_out)}/></testcase>"]
    for result in results:
        case = (f"<testcase classname={xml_attribute(name)} "
                f"name={xml_attribute(result.name or 'job')} time=\"0\"")
        if result.state == OK:
            lines.append(case + "/>")
            continue
        kind = "failure" if result.state == FAIL else "skipped"
        lines.append(f"{case}><{kind} message={xml_attribute(result.why)}/></testcase>")
    if outcome.failed:
        lines.append(f"<system-out>{xml_text(log_tail(outcome))}</system-out>")
    lines.append("</testsuite>")
    return lines


def write_json(path, outcomes, about):
    jobs = [{
        "name": o.job.name, "about": o.job.about, "wall": round(o.wall, 1),
        "processor": round(o.processor, 1), "own": round(o.own, 1),
        "left_out": o.left_out, "repeated": o.repeated,
        "results": [[r.name, r.state, r.why] for r in o.results],
        "log": log_tail(o) if o.failed else "",
    } for o in outcomes]
    path.write_text(json.dumps({**about, "jobs": jobs}, indent=1), encoding="utf-8")


def write_all(folder, outcomes, about):
    write_ktap(folder / "results.ktap", outcomes)
    write_junit(folder / "junit.xml", outcomes)
    write_json(folder / "results.json", outcomes, about)
