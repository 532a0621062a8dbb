"""Values that the chart refuses, one mistake each, and what has to be said of it."""

from __future__ import annotations

# A value that is refused, and the place that the refusal names.
REFUSED = {
    "no image": ({"image": {"repository": ""}}, "image.repository is empty: name where you have pushed the image"),
    "a tag in the repository": ({"image": {"repository": "r.example/x:1"}}, "/image/repository"),
    "latest": ({"image": {"tag": "latest"}}, "image.tag is latest, which names another program every day: give a version"),
    "no logs": ({"logs": {"claim": ""}}, "oneOf"),
    "logs twice": ({"bucket": {"url": "s3://b/p"}}, "oneOf"),
    "another kind of bucket": ({"logs": {"claim": ""}, "bucket": {"url": "gs://b"}}, "/bucket/url"),
    "a misspelt value": ({"shedule": "@hourly"}, "shedule"),
    "a misspelt value deep down": ({"years": {"enable": True}}, "enable"),
    "a schedule of four fields": ({"schedule": "* * * *"}, "/schedule"),
    "an age without a unit": ({"since": "2"}, "/since"),
    "a password among the settings": (
        {"settings": {"PGPASSWORD": "x"}},
        "for everybody to read: put it into the connection string, DATABASE_URL of the secret corrparse-database",
    ),
    "a key of the bucket among the settings": (
        {"settings": {"AWS_SECRET_ACCESS_KEY": "x"}},
        "AWS_SECRET_ACCESS_KEY would stand in a ConfigMap, for everybody to read: put it into the secret corrparse-bucket",
    ),
    "a Pushgateway with its password": (
        {"settings": {"CORRPARSE_PUSHGATEWAY": "https://u:p@push.example"}},
        "is a URL with a user, and would stand in a ConfigMap, for everybody to read: put it into the secret corrparse-settings",
    ),
    "a proxy with its password and without a scheme": (
        {"settings": {"https_proxy": "u:p@proxy:3128"}},
        "https_proxy has a user and a password, and would stand in a ConfigMap, for everybody to read: put it into the secret",
    ),
    "a password in a value": (
        {"settings": {"PGOPTIONS": "host=db.example password=x"}},
        "PGOPTIONS has a password in it, and would stand in a ConfigMap, for everybody to read: put it into the connection",
    ),
    "a password in small letters": ({"settings": {"db_passwd": "x"}}, "put it into the secret corrparse-settings"),
    "a Pushgateway without a scheme": (
        {"settings": {"CORRPARSE_PUSHGATEWAY": "pushgateway:9091"}},
        "is no http:// or https:// address, and no log would be read: give one",
    ),
    "a Pushgateway with a port that is none": (
        {"settings": {"CORRPARSE_PUSHGATEWAY": "http://pushgateway:90910"}},
        "settings.CORRPARSE_PUSHGATEWAY has the port 90910, and ports are 1 to 65535",
    ),
    "a Prometheus with its password": (
        {"observe": {"url": "https://u:p@prometheus.example"}},
        "leave it empty and put it as PROMETHEUS_URL into the secret corrparse-settings",
    ),
    "an MLflow with its password": (
        {"mlflow": {"url": "https://u:p@mlflow.example"}},
        "put them as MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD into the secret corrparse-mlflow",
    ),
    "links with a password": ({"mlflow": {"linkUrl": "https://u:p@mlflow.example"}}, "a browser asks for them"),
    "a store with its key": (
        {"bucket": {"endpoint": "https://u:p@objects.example"}},
        "put the keys into the secret corrparse-bucket",
    ),
    "an hourly run that reads nothing": ({"since": "0d"}, "since is 0d, an age of nothing, so no log would be read: give"),
    "a backfill that reads nothing": ({"years": {"since": "00h"}}, "years.since is 00h, an age of nothing"),
    "a retention that prune refuses": ({"prune": {"enabled": True, "before": "7d"}}, "give 38d at least"),
    "a retention of some weeks": ({"prune": {"enabled": True, "before": "5w"}}, "give 38d at least"),
    "an age that the program does not know": ({"since": "90s"}, "/since"),
    "no shards": ({"years": {"shards": 0}}, "/years/shards"),
    "a port that is none": ({"networkPolicy": {"databasePort": 70000}}, "/networkPolicy/databasePort"),
    "no memory limit": ({"resources": {"limits": {"cpu": "1", "memory": None}}}, "/resources/limits"),
    "links that lead nowhere": ({"mlflow": {"linkUrl": "mlflow.example"}}, "/mlflow/linkUrl"),
    "peers that are none": ({"networkPolicy": {"databaseTo": ["10.0.0.0/8"]}}, "/networkPolicy/databaseTo"),
    "a peer that is nobody": ({"networkPolicy": {"databaseTo": [{}]}}, "/networkPolicy/databaseTo/0"),
    "a misspelt peer": ({"networkPolicy": {"observeTo": [{"ipblock": {"cidr": "10.0.0.0/8"}}]}}, "ipblock"),
    "addresses without a mask": (
        {"networkPolicy": {"bucketTo": [{"ipBlock": {"cidr": "10.0.0.1"}}]}},
        "/bucketTo/0/ipBlock/cidr",
    ),
    "too long a mask": ({"networkPolicy": {"bucketTo": [{"ipBlock": {"cidr": "10.0.0.0/33"}}]}}, "/bucketTo/0/ipBlock/cidr"),
    "addresses and pods in one": (
        {"networkPolicy": {"mlflowTo": [{"ipBlock": {"cidr": "fd00::/8"}, "podSelector": {}}]}},
        "/networkPolicy/mlflowTo/0",
    ),
    "labels without matchLabels": (
        {"networkPolicy": {"pushgatewayTo": [{"namespaceSelector": {"name": "monitoring"}}]}},
        "/networkPolicy/pushgatewayTo/0/namespaceSelector",
    ),
    "peers that are left to chance": ({"networkPolicy": {"pushgatewayTo": None}}, "missing property 'pushgatewayTo'"),
    "rights for nobody": ({"trigger": {"enabled": True, "accounts": []}}, "/trigger/accounts"),
}
