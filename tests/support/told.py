"""told.py - what doctor finds is told in every language: a row without its text there, or without a value of it, fails.

English stands in the answer itself; the other languages in web/more.*.json, by code, state and case.
"""
import json
import re

from stack import ROOT, expect


def told(rows):
    """The same rows; fails at the first that a page could say in English only."""
    for path in ROOT.glob("web/more.*.json"):
        texts = json.loads(path.read_text())
        for row in rows:
            where = f"{path.name}: {row['code']} {row['state']} {row['case']}: {row['text']}"
            expect(f"check.{row['code']}" in texts, f"no title in {where}")
            for kind in ("check",) + (("advice",) if row["advice"] else ()):
                text = text_of(texts, kind, row)
                expect(text, f"no {kind} in {where}")
                for value in re.findall(r"\{(\w+)\}", text):
                    expect(value in row["values"], f"no value {value} for {kind} of {where}")
    return rows


def text_of(texts, kind, row):
    if row["case"] == "unseen":
        return texts.get(f"{kind}.unseen")
    code = f"{kind}.{row['code']}.{row['state']}"
    return texts.get(f"{code}.{row['case']}" if row["case"] else code)
