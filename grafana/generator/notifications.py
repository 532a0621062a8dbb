"""Examples of contact points, notification policies and a mute timing: who hears of which alert, and how. They are examples,
for channels, providers and hours are the user's; addresses and secrets come from the environment of Grafana's server."""

# The manual's roles (section 4), and where their messages go.
CHANNELS = {"platform-owner": "#cvntrade-platform", "mlops-maintainer": "#cvntrade-mlops", "ml-owner": "#cvntrade-ml"}
URGENT = "corrparse P0"
# An alert that lasts is told again: the sooner, the more severe (section 8).
REPEAT = {"P0": "30m", "P1": "4h", "P2": "24h", "P3": "168h"}
NIGHT = "corrparse at night and on weekends"
MESSAGE = (
    "{{ range .Alerts }}{{ .Status }}: {{ .Annotations.summary }}\n{{ .Annotations.reaction }}\n"
    "{{ .Annotations.runbook_url }}\n{{ end }}"
)


def slack(role, uid):
    return {
        "uid": uid,
        "type": "slack",
        "settings": {
            "token": "$CORRPARSE_GRAFANA_SLACK_TOKEN",
            "recipient": CHANNELS[role],
            "title": "{{ .CommonLabels.severity }}: {{ .CommonLabels.alertname }}",
            "text": MESSAGE,
        },
        "disableResolveMessage": False,
    }


def sms(uid):
    """A provider that takes a POST with a token; what it is sent is Grafana's JSON."""
    return {
        "uid": uid,
        "type": "webhook",
        "settings": {
            "url": "$CORRPARSE_GRAFANA_SMS_URL",
            "httpMethod": "POST",
            "authorization_scheme": "Bearer",
            "authorization_credentials": "$CORRPARSE_GRAFANA_SMS_TOKEN",
            "title": "{{ .CommonLabels.severity }}: {{ .CommonLabels.alertname }}",
            "message": MESSAGE,
        },
        "disableResolveMessage": False,
    }


def contact_points():
    points = [
        {"orgId": 1, "name": f"corrparse {role}", "receivers": [slack(role, f"corrparse-slack-{role}")]} for role in CHANNELS
    ]
    urgent = [sms("corrparse-sms"), slack("platform-owner", "corrparse-slack-p0")]
    return [*points, {"orgId": 1, "name": URGENT, "receivers": urgent}]


def matching(label, value):
    return [[label, "=", value]]


def policies():
    """P0 goes to the urgent contact point at any hour, the rest to the role that reacts. P2 and P3 wait for the morning."""
    severities = [
        {
            "receiver": URGENT if severity == "P0" else "corrparse mlops-maintainer",
            "object_matchers": matching("severity", severity),
            "group_wait": "0s" if severity == "P0" else "30s",
            "repeat_interval": repeat,
            **({"mute_time_intervals": [NIGHT]} if severity in ("P2", "P3") else {}),
            **(
                {}
                if severity == "P0"
                else {
                    "routes": [
                        {
                            "receiver": f"corrparse {role}",
                            "object_matchers": matching("role", role),
                            **({"mute_time_intervals": [NIGHT]} if severity in ("P2", "P3") else {}),
                        }
                        for role in CHANNELS
                    ]
                }
            ),
        }
        for severity, repeat in REPEAT.items()
    ]
    return [
        {
            "orgId": 1,
            "receiver": "grafana-default-email",
            "routes": [
                {
                    "receiver": "corrparse mlops-maintainer",
                    "object_matchers": matching("component", "corrparse"),
                    # One notification for each subject.
                    "group_by": ["..."],
                    "group_wait": "30s",
                    "group_interval": "5m",
                    "routes": severities,
                }
            ],
        }
    ]


def mute_times():
    hours = [{"start_time": "00:00", "end_time": "07:00"}, {"start_time": "20:00", "end_time": "24:00"}]
    return [
        {
            "orgId": 1,
            "name": NIGHT,
            "time_intervals": [
                {"times": hours, "location": "Europe/Paris"},
                {"weekdays": ["saturday", "sunday"], "location": "Europe/Paris"},
            ],
        }
    ]


def write():
    """File name to its content."""
    return {
        "notifications.yaml": {
            "apiVersion": 1,
            "contactPoints": contact_points(),
            "policies": policies(),
            "muteTimes": mute_times(),
        }
    }
