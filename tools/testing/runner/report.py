# SPDX-License-Identifier: GPL-2.0
"""A run as one self-contained HTML page.

Model: a summary, a table of jobs with a bar for the time of each, and below it each
job's results; those of failed jobs are open and have the end of the log.
"""

import time
from html import escape

from progress import span
from results import FAIL, OK, SKIP

STYLE = """
:root { color-scheme: light dark; --line: #8884; --bad: #c62828; --good: #2e7d32;
  --dim: #777; --bar: #64b5f6 }
@media (prefers-color-scheme: dark) { :root { --bad: #ef9a9a; --good: #a5d6a7;
  --dim: #aaa; --bar: #1565c0 } }
* { box-sizing: border-box }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1rem }
h1 { font-size: 1.4rem; margin: 0 0 .3rem } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem }
.sum { font-size: 1.1rem } .bad { color: var(--bad) } .good { color: var(--good) }
.dim { color: var(--dim) }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid var(--line);
  vertical-align: top; white-space: nowrap }
td:first-child { white-space: normal; overflow-wrap: anywhere }
th { font-weight: 600 } td.n, th.n { text-align: right; white-space: nowrap;
  font-variant-numeric: tabular-nums }
td.t { position: relative; min-width: 6rem }
.bar { display: block; height: .35rem; background: var(--bar); border-radius: 2px }
details { border-bottom: 1px solid var(--line); padding: .3rem 0 }
summary { cursor: pointer } ul { margin: .3rem 0; padding-left: 1.2rem }
li { overflow-wrap: anywhere }
pre { overflow-x: auto; background: #8881; padding: .6rem; font-size: 12px; max-height: 30rem }
@media (max-width: 600px) { body { padding: .6rem } .wide { display: none }
  th, td { padding: .25rem .3rem } td.t { min-width: 4rem } }
"""


def count(job, state):
    return sum(r[1] == state for r in job["results"])


def verdict(job):
    """A word, and the class that it is shown in."""
    if job["left_out"]:
        return "not run", "dim"
    if count(job, FAIL):
        return "failed", "bad"
    if not count(job, OK):
        return "skipped", "dim"
    return "passed", "good"


def anchor(job):
    return "job-" + escape(job["name"], quote=True)


def row(job, longest):
    word, kind = verdict(job)
    bar = 100 * job["wall"] / longest
    return (f'<tr><td><a href="#{anchor(job)}">{escape(job["name"])}</a></td>'
            f'<td class="{kind}">{word}</td><td class="n">{count(job, OK)}</td>'
            f'<td class="n">{count(job, FAIL) or ""}</td>'
            f'<td class="n wide">{count(job, SKIP) or ""}</td>'
            f'<td class="n wide">{span(job["processor"])}</td>'
            f'<td class="t">{span(job["wall"])}'
            f'<span class="bar" style="width:{bar:.1f}%"></span></td></tr>')


def result_line(result):
    name, state, why = result
    kind = {OK: "good", FAIL: "bad", SKIP: "dim"}[state]
    word = {OK: "ok", FAIL: "not ok", SKIP: "skip"}[state]
    text = f'<li><span class="{kind}">{word}</span> {escape(name or "the job")}'
    return text + (f': <span class="dim">{escape(why)}</span>' if why else "") + "</li>"


def job_details(job):
    word, kind = verdict(job)
    shown = sorted(job["results"], key=lambda r: {FAIL: 0, SKIP: 1, OK: 2}[r[1]])
    parts = [f'<details id="{anchor(job)}"{" open" if word == "failed" else ""}>',
             f'<summary>{escape(job["name"])} <span class="{kind}">{word}</span> '
             f'<span class="dim">{escape(job["about"])}</span></summary>']
    for note in (job["left_out"], job["repeated"] and f'repeated: {job["repeated"]}'):
        if note:
            parts.append(f"<p>{escape(note)}</p>")
    parts += ["<ul>", *map(result_line, shown), "</ul>"]
    if job["log"]:
        parts.append(f'<p>The end of the log:</p><pre>{escape(job["log"])}</pre>')
    return "\n".join([*parts, "</details>"])


def make_page(run):
    jobs = run["jobs"]
    total = {s: sum(count(j, s) for j in jobs) for s in (OK, FAIL, SKIP)}
    # Those that failed first, then the slowest.
    jobs = sorted(jobs, key=lambda j: (not count(j, FAIL), -j["wall"]))
    longest = max([j["wall"] for j in jobs] or [1]) or 1
    kind = "bad" if total[FAIL] else "good"
    started = time.strftime("%Y-%m-%d %H:%M", time.localtime(run["started"]))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{total[OK]} passed, {total[FAIL]} failed</title>
<style>{STYLE}</style>
</head>
<body>
<h1>Tests of a Linux root partition</h1>
<p class="sum {kind}">{total[OK]} passed, {total[FAIL]} failed, {total[SKIP]} skipped</p>
<p class="dim">{len(jobs)} jobs with the kernel "{escape(run["kernel"])}",
begun {started}, {span(run["seconds"])}</p>
<table>
<thead><tr><th>job</th><th>verdict</th><th class="n">passed</th><th class="n">failed</th>
<th class="n wide">skipped</th><th class="n wide">processor</th><th>time</th></tr></thead>
<tbody>
{chr(10).join(row(j, longest) for j in jobs)}
</tbody>
</table>
<h2>Results</h2>
{chr(10).join(job_details(j) for j in jobs)}
</body>
</html>
"""
