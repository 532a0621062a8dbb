"""Variables and dashboards as Grafana's JSON."""

from .panels import DATASOURCE, DATASOURCE_TYPE, sql


def query_variable(name, label, query, multi=True, refresh=2, description=""):
    """A variable whose values a query gives; with multi any number of them, All to begin with."""
    every = {"selected": True, "text": ["All"], "value": ["$__all"]}
    return {
        "type": "query",
        "name": name,
        "label": label,
        "description": description,
        "hide": 0,
        "datasource": DATASOURCE,
        "query": sql(query),
        "definition": sql(query),
        "refresh": refresh,
        "sort": 0,
        "regex": "",
        "multi": multi,
        "includeAll": multi,
        "skipUrlSync": False,
        "options": [],
        "current": every if multi else {},
    }


def constant(name, value, description):
    return {
        "type": "constant",
        "name": name,
        "label": name,
        "description": description,
        "hide": 2,
        "query": value,
        "skipUrlSync": True,
    }


def text_variable(name, label, value, description):
    return {
        "type": "textbox",
        "name": name,
        "label": label,
        "description": description,
        "hide": 0,
        "query": value,
        "skipUrlSync": False,
        "options": [{"selected": True, "text": value, "value": value}],
        "current": {"selected": True, "text": value, "value": value},
    }


def datasource_variable(name="datasource", label="Data source", kind=DATASOURCE_TYPE):
    return {
        "type": "datasource",
        "name": name,
        "label": label,
        "hide": 0,
        "query": kind,
        "regex": "",
        "refresh": 1,
        "multi": False,
        "includeAll": False,
        "skipUrlSync": False,
        "options": [],
        "current": {"selected": True, "text": "corrparse", "value": "corrparse"} if name == "datasource" else {},
    }


def repeated(panel, variable):
    """The panel once for each value of a variable, which its title names: what is not to be compared is not in one chart."""
    title = f"{panel['title']} (${{{variable}}})"
    return {**panel, "title": title, "repeat": variable, "repeatDirection": "h", "maxPerRow": 3}


def asked(panel):
    """A panel's title without the value that it is repeated for."""
    return panel["title"].split(" (${")[0]


def dashboard(uid, title, description, rows, variables, settings, range_from="now-30d", refresh="5m"):
    """A dashboard of rows: a heading, then lines of (panel, width, height) that fill 24 columns."""
    panels, y = [], 0

    def place(item, x, width, height):
        panels.append({"id": len(panels) + 1, **item, "gridPos": {"x": x, "y": y, "w": width, "h": height}})

    for heading, lines in rows:
        place({"type": "row", "title": heading, "collapsed": False, "panels": []}, 0, 24, 1)
        y += 1
        for line in lines:
            x = 0
            for item, width, height in line:
                place(item, x, width, height)
                x += width
            y += line[0][2]
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["corrparse", "cvntrade"],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "timezone": "browser",
        "refresh": refresh,
        "time": {"from": range_from, "to": "now"},
        "timepicker": {},
        "fiscalYearStartMonth": 0,
        "weekStart": "",
        "annotations": {"list": []},
        "links": [
            {
                "type": "dashboards",
                "title": "corrparse",
                "tags": ["corrparse"],
                "asDropdown": True,
                "includeVars": False,
                "keepTime": True,
                "targetBlank": False,
                "icon": "external link",
                "tooltip": "",
                "url": "",
            },
            {
                "type": "link",
                "title": "Playbooks",
                "url": settings.playbook,
                "targetBlank": True,
                "icon": "doc",
                "tags": [],
                "tooltip": "docs/operations.md",
                "asDropdown": False,
                "includeVars": False,
                "keepTime": False,
            },
        ],
        "templating": {
            "list": [
                datasource_variable(),
                *variables,
                constant("playbook", settings.playbook, "Where docs/operations.md is published"),
                constant("airflow", settings.airflow, "Airflow's address, without a slash at the end"),
            ]
        },
        "panels": panels,
    }
