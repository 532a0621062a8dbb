"""Panels as Grafana's JSON (schema version 39: Grafana 10.4 and 11, migrated by later ones)."""

import textwrap

DATASOURCE_TYPE = "grafana-postgresql-datasource"
DATASOURCE = {"type": DATASOURCE_TYPE, "uid": "${datasource}"}


def sql(text):
    """A query as written in this source, without its indentation."""
    return textwrap.dedent(text).strip()


def target(query, table, ref="A"):
    return {
        "refId": ref,
        "datasource": DATASOURCE,
        "editorMode": "code",
        "format": "table" if table else "time_series",
        "rawQuery": True,
        "rawSql": sql(query),
    }


def mappings(colours):
    """Texts in their colours."""
    return [
        {
            "type": "value",
            "options": {
                text: {"color": colour, "text": text, "index": index} for index, (text, colour) in enumerate(colours.items())
            },
        }
    ]


def by_name(name, **properties):
    """An override of one field; a double underscore stands for the dot in a property's name."""
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [{"id": key.replace("__", "."), "value": value} for key, value in properties.items()],
    }


def coloured(name, colours, **properties):
    """A table's column whose texts have colours."""
    return by_name(name, mappings=mappings(colours), custom__cellOptions={"type": "color-text"}, **properties)


def hidden(*names):
    """Columns that only links use."""
    return [by_name(name, custom__hidden=True) for name in names]


def link(title, url, new_tab=True):
    return {"title": title, "url": url, "targetBlank": new_tab}


def playbook_link(anchor, title="Playbook"):
    return link(title, "${playbook}#" + anchor)


# The identity of a task attempt is in the row; Airflow 3 and 2 have other addresses for the same log.
AIRFLOW_LOG = [
    link(
        "Task log in Airflow 3",
        "${airflow}/dags/${__data.fields.dag_id}/runs/${__data.fields.run_id:percentencode}/tasks/${__data.fields.task_path}"
        "?try_number=${__data.fields.try_number}",
    ),
    link(
        "Task log in Airflow 2",
        "${airflow}/dags/${__data.fields.dag_id}/grid?dag_run_id=${__data.fields.run_id:percentencode}"
        "&task_id=${__data.fields.task_id:percentencode}&map_index=${__data.fields.airflow_map_index}&tab=logs",
    ),
]
# What those links need beside dag_id, run_id, task_id and try_number; of a row that is called as the format says.
AIRFLOW_COLUMNS = (
    "{0}.task_id || coalesce('/mapped/' || {0}.map_index, '') AS task_path, coalesce({0}.map_index, -1) AS airflow_map_index"
)
RUN_LINK = link(
    "Drill down into this run",
    "/d/corrparse-run?var-datasource=${datasource}&var-dag=${__data.fields.dag_id:percentencode}"
    "&var-run=${__data.fields.run_id:percentencode}&${__url_time_range}",
    new_tab=False,
)
CODE_PLAYBOOK = playbook_link("${__data.fields.primary_code}", "Playbook of this code")


def panel(kind, title, description, targets, options, defaults=None, overrides=(), anchor=None, **more):
    """A panel; its place and id come with the dashboard."""
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATASOURCE,
        "targets": targets,
        "fieldConfig": {"defaults": defaults or {}, "overrides": list(overrides)},
        "options": options,
        "links": [playbook_link(anchor)] if anchor else [],
        **more,
    }


def stat(title, description, query, field=None, overrides=(), anchor=None, text=False, **defaults):
    """One value of the first row, or one for each row where the query gives a name with it."""
    reduce = {"calcs": ["lastNotNull"], "fields": f"/^{field}$/" if field else "", "values": False}
    return panel(
        "stat",
        title,
        description,
        [target(query, True)],
        {
            "reduceOptions": reduce,
            "colorMode": "background" if text else "value",
            "graphMode": "none",
            "justifyMode": "auto",
            "orientation": "auto",
            "textMode": "value",
        },
        {"noValue": "no data", **defaults},
        overrides,
        anchor,
    )


def bar_gauge(title, description, query, anchor=None, **defaults):
    """A bar for each row: a name and a value."""
    return panel(
        "bargauge",
        title,
        description,
        [target(query, True)],
        {
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": True},
            "displayMode": "basic",
            "orientation": "horizontal",
            "showUnfilled": True,
            "valueMode": "color",
        },
        {"noValue": "no data", **defaults},
        (),
        anchor,
    )


def table(title, description, query, overrides=(), anchor=None, sort=None):
    """Rows as they are."""
    return panel(
        "table",
        title,
        description,
        [target(query, True)],
        {"showHeader": True, "cellHeight": "sm", "footer": {"show": False}, "sortBy": sort or []},
        {"custom": {"align": "auto", "filterable": True}, "noValue": ""},
        overrides,
        anchor,
    )


def time_series(
    title,
    description,
    queries,
    overrides=(),
    anchor=None,
    *,
    bars=False,
    steps=None,
    unit="short",
    interval=None,
    points=False,
    **custom,
):
    """Values over time; steps are drawn as dashed lines."""
    targets = [target(q, False, chr(ord("A") + i)) for i, q in enumerate([queries] if isinstance(queries, str) else queries)]
    defaults = {
        "unit": unit,
        "color": {"mode": "palette-classic-by-name"},
        "custom": {
            "drawStyle": "bars" if bars else "points" if points else "line",
            "lineWidth": 1,
            "fillOpacity": 80 if bars else 0,
            "pointSize": 5,
            "showPoints": "auto",
            "spanNulls": True,
            "stacking": {"mode": "normal" if bars else "none", "group": "A"},
            "thresholdsStyle": {"mode": "dashed" if steps else "off"},
            **custom,
        },
    }
    if steps:
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
    more = {"interval": interval} if interval else {}
    return panel(
        "timeseries",
        title,
        description,
        targets,
        {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        defaults,
        overrides,
        anchor,
        **more,
    )


def prometheus_series(title, description, expression, legend, anchor, unit="short"):
    """Series that Prometheus gives, of the data source and the namespace that are chosen."""
    source = {"type": "prometheus", "uid": "${prometheus}"}
    made = time_series(title, description, [], anchor=anchor, unit=unit)
    made.update(
        datasource=source,
        targets=[
            {
                "refId": "A",
                "datasource": source,
                "editorMode": "code",
                "expr": expression,
                "legendFormat": legend,
                "range": True,
                "instant": False,
            }
        ],
    )
    return made


def bar_chart(title, description, query, x, overrides=(), anchor=None, stacking="normal", unit="short"):
    """Bars over the names in one column, one colour for each other column."""
    return panel(
        "barchart",
        title,
        description,
        [target(query, True)],
        {
            "xField": x,
            "orientation": "horizontal",
            "stacking": stacking,
            "showValue": "auto",
            "barWidth": 0.8,
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
            "tooltip": {"mode": "multi", "sort": "none"},
        },
        {"unit": unit, "color": {"mode": "palette-classic-by-name"}, "custom": {"fillOpacity": 80, "lineWidth": 0}},
        overrides,
        anchor,
    )


def state_timeline(title, description, query, colours, anchor=None):
    """Texts over time, each in its colour for as long as it lasts."""
    return panel(
        "state-timeline",
        title,
        description,
        [target(query, True)],
        {
            "mergeValues": True,
            "showValue": "auto",
            "alignValue": "left",
            "rowHeight": 0.9,
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False, "calcs": []},
            "tooltip": {"mode": "single", "sort": "none"},
        },
        {"mappings": mappings(colours), "custom": {"lineWidth": 0, "fillOpacity": 80}, "noValue": "no data"},
        (),
        anchor,
    )


def histogram(title, description, query, anchor=None, unit="short"):
    """How the values of each column are spread."""
    return panel(
        "histogram",
        title,
        description,
        [target(query, True)],
        {"combine": False, "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}},
        {"unit": unit, "color": {"mode": "palette-classic-by-name"}, "custom": {"fillOpacity": 40, "lineWidth": 1}},
        (),
        anchor,
    )
