import ArgumentParser
import DiagnosticWriter
import HTTPTransport
import LogModel
import Logging
import Prometheus

struct ObserveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "observe",
    abstract: "Store what others than the logs see of the platform.",
    discussion: """
      Examples:
        corrparse observe prometheus --url http://prometheus.monitoring:9090
        corrparse observe mlflow --url http://mlflow.mlops:5000
      """,
    subcommands: [ObservePrometheusCommand.self, ObserveMLflowCommand.self])
}

struct ObservePrometheusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prometheus",
    abstract: "Store one infra observation from a Prometheus server, and print it.",
    discussion: """
      OOM kills within 24 hours, pods that are down, the fullest volume, the CPUs' load and how full the memory is, by queries \
      that read what kube-state-metrics and the kubelet expose. The memory is stored and judged by nothing. An input that the server has no data for is left out, and said so; without \
      any observation infra stays unknown.

      Examples:
        corrparse observe prometheus --url http://prometheus.monitoring:9090 --namespace cvntrade
        corrparse observe prometheus --url https://thanos.example --bearer-token-file /var/run/secrets/token --dry-run
        corrparse observe prometheus --url http://localhost:9090 --cpu-query my:cpu:percent

      Exit status: 0 done; 65 the server has no data for any of the queries; 69 server or database unreachable; 77 missing \
      rights; 78 URL, query, certificate or schema to be changed.
      """)

  @Option(
    help: "The server's base URL; else PROMETHEUS_URL. User and password in it are used and never shown.")
  var url: String?
  @Option(help: "A regular expression for the namespaces whose pods and volumes count (default: all).")
  var namespace: String?
  @Option(help: "PromQL of your own for the OOM kills within 24 hours.")
  var oomKillsQuery: String?
  @Option(help: "… for the pods that are down.")
  var podsDownQuery: String?
  @Option(help: "… for the fullest volume, percent.")
  var pvcQuery: String?
  @Option(help: "… for the CPUs' load, percent.")
  var cpuQuery: String?
  @Option(help: "… for how full the memory is, percent.")
  var memoryQuery: String?
  @Option(
    parsing: .unconditional, help: "As of another time than now: an ISO date, a timestamp, or an age (1h).")
  var at: TimeArgument?
  @Option(help: "A file with a token for the Authorization header.")
  var bearerTokenFile: String?
  @Option(
    parsing: .unconditional,
    help: "Seconds that one request may take; one without an answer is tried three times.")
  var timeout = 30
  @Flag(help: "Print the observation and store nothing; needs no database.")
  var dryRun = false

  @OptionGroup var certificates: CertificatesOption
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func validate() throws {
    guard (1...3600).contains(timeout) else { throw ValidationError("--timeout is a number from 1 to 3600") }
    _ = try server()
  }

  func run() throws {
    let logger = logging.makeLogger()
    let observation = try observed(try server()) { logger.warning("\($0)") }
    var isNew = true
    if !dryRun {
      try reportingDatabaseErrors { () throws(DatabaseError) in
        let connection = try database.connectToSchema(logger)
        isNew = try Supervision(connection).store(observation)
        try Supervision(connection).noteState()
      }
    }
    var output = StandardOutput()
    output.document((Self.json(observation) + "\n").utf8)
    try output.closeOrExit()
    if !isNew { Diagnostics.say("an observation of that time was there already; it stays", .notice) }
  }

  private func server() throws -> String {
    guard let url = url ?? Environment["PROMETHEUS_URL"] else {
      throw ValidationError("name the server with --url or PROMETHEUS_URL")
    }
    return url
  }

  private func observed(_ url: String, warn: @escaping (String) -> Void) throws -> InfraObservation {
    var queries = InfraQueries(namespace: namespace)
    if let oomKillsQuery { queries.oomKills = oomKillsQuery }
    if let podsDownQuery { queries.podsDown = podsDownQuery }
    if let pvcQuery { queries.pvcPercent = pvcQuery }
    if let cpuQuery { queries.cpuPercent = cpuQuery }
    if let memoryQuery { queries.memoryPercent = memoryQuery }
    do {
      var settings = HTTPClient.Settings()
      settings.timeout = timeout
      settings.certificates = certificates.file()
      settings.bearerToken = try bearerTokenFile.map { try SecretFile.word($0) }
      let address = try HTTPAddress(url)
      try certificates.requireUsable(for: address)
      let client = try HTTPClient(settings, userAgent: "corrparse/\(Version.program)")
      return try PrometheusClient(client, address, warn: warn).observe(queries, at: at?.time ?? .now)
    } catch let failure as PrometheusFailure {
      Diagnostics.say(failure.description)
      throw ExitStatus(failure.kind).exit
    } catch let failure as HTTPFailure {
      Diagnostics.say(failure.description)
      throw ExitStatus.configuration.exit
    }
  }

  /// `{"observed_at":"…","origin":"prometheus host:9090","oom_kills":0,"pods_down":0,"pvc_pct":54.2,"cpu_pct":12.5,…}`.
  private static func json(_ observation: InfraObservation) -> String {
    JSONWriter.text(.escaped) { json in
      json.beginObject()
      json.member("observed_at", observation.observedAt.description)
      json.member("origin", observation.origin)
      json.member("oom_kills", observation.oomKills)
      json.member("pods_down", observation.podsDown)
      json.member("pvc_pct", observation.pvcPercent)
      json.member("cpu_pct", observation.cpuPercent)
      json.member("memory_pct", observation.memoryPercent)
      json.endObject()
    }
  }
}

extension ExitStatus {
  fileprivate init(_ kind: PrometheusFailure.Kind) {
    self =
      switch kind {
      case .unreachable: .unavailable
      case .forbidden: .missingRights
      case .configuration: .configuration
      case .noData: .damagedInput
      }
  }
}
