#!/usr/bin/env python3
"""Writes the manual page from what the program says of itself: man-page.py .build/debug/corrparse > docs/corrparse.1"""

import json
import subprocess
import sys


def roff(text):
    lines = text.replace("\\", "\\e").replace("-", "\\-").split("\n")
    # troff reads ASCII; the rest has names.
    lines = ["".join(c if ord(c) < 128 else f"\\[u{ord(c):04X}]" for c in line) for line in lines]
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def paragraphs(text):
    """Prose as paragraphs, indented lines as they are."""
    out, verbatim = [], False
    for line in text.rstrip().split("\n"):
        if line.startswith("  ") and not verbatim:
            out.append(".nf")
            verbatim = True
        elif verbatim and not line.startswith("  "):
            out.append(".fi")
            verbatim = False
        out.append(roff(line) if line.strip() else ".PP")
    if verbatim:
        out.append(".fi")
    return [
        line
        for i, line in enumerate(out)
        if not (line == ".PP" and (i == 0 or i + 1 == len(out) or out[i + 1] in (".nf", ".PP")))
    ]


def names(argument):
    if argument["kind"] == "positional":
        return "\\fI" + roff(argument["valueName"]) + "\\fR"
    dashes = {"long": "--", "short": "-", "longWithSingleDash": "-"}
    text = ", ".join("\\fB" + roff(dashes[n["kind"]] + n["name"]) + "\\fR" for n in argument["names"])
    return text + (" \\fI" + roff(argument["valueName"]) + "\\fR" if argument["kind"] == "option" else "")


def command(node, path):
    out = [".SS " + roff(" ".join(path))] if len(path) > 1 else []
    if node.get("abstract"):
        out += paragraphs(node["abstract"])
    if node.get("discussion"):
        out += [".PP", *paragraphs(node["discussion"])]
    for argument in node.get("arguments", []):
        if not argument.get("shouldDisplay", True) or any(
            n["name"] in ("help", "h", "version") for n in argument.get("names", [])
        ):
            continue
        out += [".TP", names(argument), roff(argument.get("abstract", "") or "")]
        if argument.get("allValues"):
            out.append(roff("One of " + ", ".join(argument["allValues"]) + "."))
        if argument.get("discussion"):
            out.append(roff(argument["discussion"]))
    for sub in node.get("subcommands", []):
        if sub["commandName"] != "help":
            out += command(sub, [*path, sub["commandName"]])
    return out


def main():
    program = sys.argv[1]
    tree = json.loads(subprocess.run([program, "--experimental-dump-help"], check=True, capture_output=True).stdout)["command"]
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    print('.TH CORRPARSE 1 "" "corrparse ' + version + '" "User Commands"')
    print(".SH NAME\ncorrparse \\- " + roff(tree["abstract"]))
    print(".SH SYNOPSIS\n\\fBcorrparse\\fR [\\fIcommand\\fR] [\\fIoptions\\fR]\n.SH DESCRIPTION")
    print("\n".join(command(dict(tree, subcommands=[]), ["corrparse"])[1:]))
    print(".SH COMMANDS")
    for sub in tree["subcommands"]:
        if sub["commandName"] != "help":
            print("\n".join(command(sub, ["corrparse", sub["commandName"]])))
    print(""".SH ENVIRONMENT
.TP
\\fBDATABASE_URL\\fR, \\fBPGHOST\\fR, \\fBPGSERVICE\\fR
The database, as libpq reads them.
.TP
\\fBCORRPARSE_LOG_ROOT\\fR, \\fBCORRPARSE_LINE_FORMAT\\fR, \\fBCORRPARSE_LOG_LEVEL\\fR, \\fBCORRPARSE_LOG_FORMAT\\fR
Defaults of the options of these names.
.TP
\\fBNO_COLOR\\fR
No colours, unless \\fB\\-\\-color always\\fR asks for them.
.SH EXIT STATUS
0 done; 1 lint or corpus verify found something; 64 usage; 65 some input could not be read or was damaged; 69 database
unreachable; 70 a bug; 74 reading or writing failed; 75 try again later; 77 missing rights; 78 configuration.""")


main()
