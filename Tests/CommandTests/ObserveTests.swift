import Glibc
import TestSupport
import Testing

/// `observe prometheus` against the real server (issue 5).
@Suite(.serialized) struct ObserveTests {
  /// What kube-state-metrics and the kubelet would have told until noon, made so that every value is whole.
  private static let metrics: String = {
    let day = -86_400
    func both(_ name: String, _ labels: String, from start: Int = day, _ value: (Int) -> Double) -> String {
      PrometheusServer.series("\(name){\(labels)}", from: start, every: 300, value)
    }
    let own = #"namespace="cvntrade",pod="api",container="api""#
    let other = #"namespace="other",pod="db",container="db""#
    let task = #"namespace="cvntrade",pod="task",container="base""#
    return [
      "# TYPE kube_pod_info gauge\n" + both("kube_pod_info", own) { _ in 1 },
      // Killed and started again twice in cvntrade, once elsewhere.
      "# TYPE kube_pod_container_status_restarts counter\n"
        + both("kube_pod_container_status_restarts_total", own) { $0 < -40_000 ? 5 : $0 < -20_000 ? 6 : 7 }
        + both("kube_pod_container_status_restarts_total", other) { $0 < -30_000 ? 1 : 2 },
      "# TYPE kube_pod_container_status_last_terminated_reason gauge\n"
        + both("kube_pod_container_status_last_terminated_reason", #"reason="OOMKilled","# + own) { _ in 1 }
        + both("kube_pod_container_status_last_terminated_reason", #"reason="OOMKilled","# + other) { _ in 1 },
      // A task's pod that is not started again, gone for hours.
      "# TYPE kube_pod_container_status_terminated_reason gauge\n"
        + PrometheusServer.series(
          #"kube_pod_container_status_terminated_reason{reason="OOMKilled",\#(task)}"#, from: -50_000,
          to: -45_000, every: 500
        ) { _ in 1 },
      "# TYPE kube_deployment_status_replicas_unavailable gauge\n"
        + both("kube_deployment_status_replicas_unavailable", #"namespace="cvntrade",deployment="api""#) {
          _ in 1
        },
      "# TYPE kube_statefulset_replicas gauge\n"
        + both("kube_statefulset_replicas", #"namespace="other",statefulset="db""#) { _ in 3 },
      "# TYPE kube_statefulset_status_replicas_ready gauge\n"
        + both("kube_statefulset_status_replicas_ready", #"namespace="other",statefulset="db""#) { _ in 1 },
      "# TYPE kubelet_volume_stats_used_bytes gauge\n"
        + both("kubelet_volume_stats_used_bytes", #"namespace="cvntrade",persistentvolumeclaim="logs""#) {
          _ in 850
        }
        + both("kubelet_volume_stats_used_bytes", #"namespace="other",persistentvolumeclaim="x""#) { _ in 991
        },
      "# TYPE kubelet_volume_stats_capacity_bytes gauge\n"
        + both("kubelet_volume_stats_capacity_bytes", #"namespace="cvntrade",persistentvolumeclaim="logs""#) {
          _ in 1000
        }
        + both("kubelet_volume_stats_capacity_bytes", #"namespace="other",persistentvolumeclaim="x""#) { _ in
          1000
        },
      // 1.5 and 0.5 of 4 cores each are busy.
      "# TYPE container_cpu_usage_seconds counter\n"
        + PrometheusServer.series(
          #"container_cpu_usage_seconds_total{id="/",node="a"}"#, from: -600
        ) { 1000 + 1.5 * Double($0 + 600) }
        + PrometheusServer.series(
          #"container_cpu_usage_seconds_total{id="/",node="b"}"#, from: -600
        ) { 1000 + 0.5 * Double($0 + 600) },
      "# TYPE machine_cpu_cores gauge\n"
        + both("machine_cpu_cores", #"node="a""#, from: -600) { _ in 4 }
        + both("machine_cpu_cores", #"node="b""#, from: -600) { _ in 4 },
      // 3 and 9 of 16 GB each are in use.
      "# TYPE container_memory_working_set_bytes gauge\n"
        + both("container_memory_working_set_bytes", #"id="/",node="a""#, from: -600) { _ in 3e9 }
        + both("container_memory_working_set_bytes", #"id="/",node="b""#, from: -600) { _ in 9e9 }
        + both("container_memory_working_set_bytes", #"id="/kubepods",node="b""#, from: -600) { _ in 8e9 },
      "# TYPE machine_memory_bytes gauge\n"
        + both("machine_memory_bytes", #"node="a""#, from: -600) { _ in 16e9 }
        + both("machine_memory_bytes", #"node="b""#, from: -600) { _ in 16e9 },
    ].joined()
  }()

  private static let noon = "2026-03-28T12:00:00Z"

  private func observe(
    _ server: PrometheusServer, _ arguments: String..., at time: String = noon, user: String = ""
  ) throws -> Outcome {
    try Program.finish(
      Program.start(
        ["observe", "prometheus", "--url", "http://\(user)127.0.0.1:\(server.port)/", "--at", time]
          + arguments))
  }

  /// Restarts 2 + 1 and a pod of 1; 1 + 2 replicas; 991 of 1000 bytes; 2 of 8 cores; 12 of 32 GB.
  @Test func valuesOfTheWholeClusterAndOfANamespace() throws {
    let server = try PrometheusServer(Self.metrics)
    let all = try observe(server, "--dry-run")
    #expect(all.status == 0)
    let start = #"{"observed_at":"2026-03-28T12:00:00Z","origin":"prometheus 127.0.0.1:\#(server.port)","#
    #expect(
      all.text == start + #""oom_kills":4,"pods_down":3,"pvc_pct":99.1,"cpu_pct":25,"memory_pct":37.5}"#
        + "\n")
    #expect(all.errorText == "")
    let own = try observe(server, "--dry-run", "--namespace", "cvntrade|\"")
    #expect(
      own.text == start + #""oom_kills":3,"pods_down":1,"pvc_pct":85,"cpu_pct":25,"memory_pct":37.5}"# + "\n")
    // Two hours before, the second kill of cvntrade had not been; of the CPUs there is nothing.
    let before = try observe(server, "--dry-run", at: "2026-03-28T06:00:00Z")
    #expect(before.status == 0)
    #expect(before.text.contains(#""pvc_pct":99.1}"#))
    #expect(before.errorText.contains("cpu_pct: "))
    #expect(before.errorText.contains("has no data for it"))
  }

  @Test func observationIsStoredOnce() throws {
    let server = try PrometheusServer(Self.metrics)
    let database = try CommandDatabase()
    for isSecond in [false, true] {
      let outcome = try observe(server, "--database", database.connection())
      #expect(outcome.status == 0)
      #expect(outcome.errorText.contains("was there already") == isSecond)
    }
    #expect(
      try database.column(
        "SELECT concat_ws(' ', observed_at AT TIME ZONE 'UTC', oom_kills, pods_down, pvc_pct, cpu_pct, memory_pct) FROM corrparse.infra_observation"
      ) == ["2026-03-28 12:00:00 4 3 99.1 25 37.5"])
    #expect(
      try database.column(
        "SELECT status FROM diagnostics.golden_signals_at('\(Self.noon)') WHERE signal = 'infra_health'")
        == ["critical"])
    // The writer's role is enough.
    let role = "\(database.name)_writer"
    try database.execute("CREATE ROLE \(role) LOGIN IN ROLE corrparse_writer")
    defer { try? database.execute("DROP ROLE \(role)") }
    let later = try observe(
      server, "--database", database.url(user: role, password: "x"), at: "2026-03-28T11:00:00Z")
    #expect(later.status == 0)
    #expect(try database.column("SELECT count(*) FROM corrparse.infra_observation") == ["2"])
  }

  /// Nobody collects: unknown, not zero.
  @Test func noDataIsNoObservation() throws {
    let server = try PrometheusServer(PrometheusServer.series("up", from: -60) { _ in 1 })
    let database = try CommandDatabase()
    let outcome = try observe(server, "--database", database.connection())
    #expect(outcome.status == Status.damagedInput)
    #expect(outcome.errorText.contains("kube-state-metrics"))
    #expect(outcome.text == "")
    #expect(try database.column("SELECT count(*) FROM corrparse.infra_observation") == ["0"])
  }

  @Test func queriesOfOnesOwn() throws {
    let server = try PrometheusServer(
      PrometheusServer.series(#"load{node="a"}"#, from: -60) { _ in 0.855 }
        + PrometheusServer.series(#"load{node="b"}"#, from: -60) { _ in 0.5 })
    func status(_ arguments: String...) throws -> Outcome {
      try Program.finish(
        Program.start(
          [
            "observe", "prometheus", "--dry-run", "--url", "http://127.0.0.1:\(server.port)", "--at",
            Self.noon,
          ]
            + arguments))
    }
    // 0.855 * 100 is 85.49999999999999… in binary numbers.
    let one = try status("--cpu-query", "100 * max(load)", "--oom-kills-query", "2.6")
    #expect(one.status == 0)
    #expect(one.text.contains(#""oom_kills":3,"cpu_pct":85.5}"#))
    let memory = try status("--memory-query", "100 * min(load)", "--oom-kills-query", "0")
    #expect(memory.text.contains(#""oom_kills":0,"memory_pct":50}"#))
    // The memory alone is no observation of infra_health.
    #expect(try status("--memory-query", "100 * min(load)").status == Status.damagedInput)
    let several = try status("--cpu-query", "load")
    #expect(several.status == Status.configuration)
    #expect(several.errorText.contains("gives 2 series"))
    let wrong = try status("--cpu-query", "sum(")
    #expect(wrong.status == Status.configuration)
    #expect(wrong.errorText.contains("parse error"))
    for value in ["-1", "101", "1 / 0", "0 / 0"] {
      let outcome = try status("--cpu-query=\(value)", "--pods-down-query", "0")
      #expect(outcome.status == 0)
      #expect(outcome.text.contains(#""pods_down":0}"#))
      #expect(outcome.errorText.contains("cpu_pct: "))
    }
  }

  /// bcrypt of `c4nary`, made by crypt(3).
  private static let hash = "$2b$04$abcdefghijklmnopqrstuuWFO2urK/yg6ooFr.1aF77UziSUsF8XC"

  @Test func passwordsAreUsedAndNeverShown() throws {
    let server = try PrometheusServer(Self.metrics, passwordHash: Self.hash)
    let right = try observe(server, "--dry-run", "--log-level", "trace", user: "grafana:c4nary@")
    #expect(right.status == 0)
    #expect(!(right.text + right.errorText).contains("c4nary"))
    for user in ["", "grafana:c4nary2@"] {
      let wrong = try observe(server, "--dry-run", "--log-level", "trace", user: user)
      #expect(wrong.status == Status.missingRights)
      #expect(wrong.errorText.contains("401"))
      #expect(!wrong.errorText.contains("c4nary"))
    }
  }

  /// "Unsupported URL scheme", and a refusal after three tries that looked like one.
  @Test(arguments: [
    (
      ["prometheus", "--url", "127.0.0.1:9090"], Status.configuration,
      "write http:// or https:// before the host"
    ),
    (
      ["mlflow", "--url", "localhost:5000"], Status.configuration, "write http:// or https:// before the host"
    ),
    (
      ["prometheus", "--url", "http://127.0.0.1:1"], Status.unavailable,
      "; tried 3 times; check that the server runs"
    ),
    (
      ["mlflow", "--url", "http://127.0.0.1:1"], Status.unavailable,
      "; tried 3 times; check that the server runs"
    ),
  ])
  func `a server that is not reached is told with what to try`(
    arguments: [String], status: Int32, text: String
  ) throws {
    let outcome = try Program.finish(Program.start(["observe"] + arguments + ["--dry-run"]))
    #expect(outcome.status == status)
    #expect(outcome.errorText.contains(text), "\(outcome.errorText)")
  }

  @Test(arguments: [
    ("http://u:c4nary@127.0.0.1:1", Status.unavailable, "127.0.0.1"),
    ("http://u:c4nary@no-such-host.invalid", Status.unavailable, "no-such-host.invalid"),
    ("ftp://u:c4nary@127.0.0.1", Status.configuration, "http"),
    ("c4nary", Status.configuration, "URL"), ("http://u:c4nary@[", Status.configuration, "URL"),
  ])
  func serversThatCannotBeAsked(url: String, status: Int32, text: String) throws {
    let outcome = try Program.run("observe", "prometheus", "--dry-run", "--url", url)
    #expect(outcome.status == status)
    #expect(outcome.errorText.contains(text))
    #expect(!outcome.errorText.contains("c4nary"))
  }

  @Test func usage() throws {
    #expect(try Program.run("observe", "prometheus", "--dry-run").status == Status.usage)
    #expect(
      try Program.run("observe", "prometheus", "--dry-run", "--url", "http://h", "--timeout", "0").status
        == Status.usage)
    #expect(
      try Program.run(
        "observe", "prometheus", "--dry-run", "--url", "http://h", "--bearer-token-file", "/no/such/file"
      ).status == Status.configuration)
  }
}
