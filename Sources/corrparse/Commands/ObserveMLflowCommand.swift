import ArgumentParser
import DiagnosticWriter
import HTTPTransport
import LogModel
import Logging
import MLflow

struct ObserveMLflowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mlflow",
    abstract: "Store what an MLflow server's model registry shows: versions, champions, challengers.",
    discussion: """
      Reads all registered models and versions, tells the role of each version from aliases, stages, tags and earlier \
      observations, and stores them as one observation: whole or not at all. Prints one line with the number of each role. What \
      contradicts itself is reported and stored with the observation.

      The variables of MLflow's own client are read: MLFLOW_TRACKING_URI, MLFLOW_TRACKING_USERNAME with \
      MLFLOW_TRACKING_PASSWORD, which go before MLFLOW_TRACKING_TOKEN, MLFLOW_TRACKING_SERVER_CERT_PATH, \
      MLFLOW_TRACKING_INSECURE_TLS, MLFLOW_WORKSPACE.

      Examples:
        corrparse observe mlflow --url http://mlflow.mlops:5000 --link-url https://mlflow.example
        MLFLOW_TRACKING_USERNAME=reader MLFLOW_TRACKING_PASSWORD=… corrparse observe mlflow --url https://mlflow.example
        corrparse observe mlflow --url http://localhost:5000 --dry-run

      Exit status: 0 done; 65 more models or versions than are read; 69 server or database unreachable, or pages that do not \
      move on; 77 missing rights; 78 URL, allowed hosts, workspace, certificate or schema to be changed.
      """)

  @Option(
    help: "The server's base URL; else MLFLOW_TRACKING_URI. User and password in it are used and never shown."
  )
  var url: String?
  @Option(help: "What a browser reaches the server by, for links to versions (default: no links).")
  var linkURL: String?
  @Option(help: "An alias of champions (default: champion; may be given several times).")
  var championAlias: [String] = []
  @Option(help: "An alias of challengers (default: challenger; may be given several times).")
  var challengerAlias: [String] = []
  @Option(
    help:
      "A tag whose value rejected or archived tells a decision (default: status, validation_status, decision and stage; may be given several times)."
  )
  var decisionTag: [String] = []
  @Option(help: "The tag that names the crypto of a version or a model.")
  var cryptoTag = RegistryNames().cryptoTag
  @Option(help: "The tag that tells when a version became champion, as an ISO date.")
  var promotionTag = RegistryNames().promotionTag
  @Option(help: "A file with a token for the Authorization header, in place of the variables.")
  var bearerTokenFile: String?
  @Option(help: "A user's name; the password is in --password-file.")
  var user: String?
  @Option(help: "A file with the password of --user.")
  var passwordFile: String?
  @Option(parsing: .unconditional, help: "Seconds that one request may take.")
  var timeout = 60
  @Flag(help: "Print the versions with their roles too, one line for each, and store nothing.")
  var dryRun = false

  @OptionGroup var certificates: CertificatesOption
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func validate() throws {
    guard (1...3600).contains(timeout) else { throw ValidationError("--timeout is a number from 1 to 3600") }
    guard (user == nil) == (passwordFile == nil) else {
      throw ValidationError("--user and --password-file go together")
    }
    guard user == nil || bearerTokenFile == nil else {
      throw ValidationError("give --bearer-token-file or --user, not both")
    }
    _ = try server()
  }

  func run() throws {
    let logger = logging.makeLogger()
    let reading = try read(try server()) { logger.warning("\($0)") }
    var stored: ModelObservation?
    try reportingDatabaseErrors { () throws(DatabaseError) in
      let connection = try database.connectToSchema(logger)
      stored = try ModelRegistry(connection).store(
        origin: reading.origin, at: reading.endedAt, isDryRun: dryRun
      ) { memory in
        RoleAssignment.observation(
          of: reading.registry, names: names, memory: memory, origin: reading.origin,
          beganAt: reading.beganAt,
          observedAt: reading.endedAt, linkURL: reading.linkURL)
      }
      if stored != nil, !dryRun { try Supervision(connection).noteState() }
    }
    guard let stored else {
      Diagnostics.say(
        "a later observation of \(reading.origin) is there already; this one is not stored", .notice)
      return
    }
    for warning in stored.warnings { logger.warning("\(warning)") }
    var output = StandardOutput()
    if dryRun {
      for version in stored.versions { output.document((Self.json(version) + "\n").utf8) }
    }
    output.document((Self.json(stored) + "\n").utf8)
    try output.closeOrExit()
  }

  private struct Reading {
    let registry: Registry
    let origin: String
    let linkURL: String?
    let beganAt: LogTime
    let endedAt: LogTime
  }

  private var names: RegistryNames {
    var names = RegistryNames()
    if !championAlias.isEmpty { names.championAliases = championAlias }
    if !challengerAlias.isEmpty { names.challengerAliases = challengerAlias }
    if !decisionTag.isEmpty { names.decisionTags = decisionTag }
    names.cryptoTag = cryptoTag
    names.promotionTag = promotionTag
    return names
  }

  private func server() throws -> String {
    guard let url = url ?? Environment["MLFLOW_TRACKING_URI"] else {
      throw ValidationError("name the server with --url or MLFLOW_TRACKING_URI")
    }
    return url
  }

  private func read(_ url: String, warn: (String) -> Void) throws -> Reading {
    do {
      let address = try HTTPAddress(url)
      let links = try linkURL.map { try HTTPAddress($0).description }
      var settings = HTTPClient.Settings()
      settings.timeout = timeout
      settings.longestBody = 32 << 20
      settings.isInsecure = try isInsecure()
      if settings.isInsecure, address.isSecure {
        warn("the certificate of \(address) is not checked (MLFLOW_TRACKING_INSECURE_TLS)")
      } else {
        settings.certificates = certificates.file(first: Self.certificateVariable)
        try certificates.requireUsable(for: address, first: Self.certificateVariable)
      }
      try identify(in: &settings)
      var origin = "mlflow " + address.host + address.path
      if let workspace = Environment["MLFLOW_WORKSPACE"] {
        guard workspace.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
          Diagnostics.say("MLFLOW_WORKSPACE: a workspace's name has no blanks and no letters beyond ASCII")
          throw ExitStatus.configuration.exit
        }
        settings.headers = ["X-MLFLOW-WORKSPACE: \(workspace)"]
        origin += " workspace " + workspace
      }
      let client = try HTTPClient(settings, userAgent: "corrparse/\(Version.program)")
      let beganAt = LogTime.now
      let registry = try MLflowClient(client, address).read()
      return Reading(
        registry: registry, origin: String(origin.prefix(500)), linkURL: links, beganAt: beganAt,
        endedAt: .now)
    } catch let failure as MLflowFailure {
      Diagnostics.say(failure.description)
      throw ExitStatus(failure.kind).exit
    } catch let failure as HTTPFailure {
      Diagnostics.say(failure.description)
      throw ExitStatus.configuration.exit
    }
  }

  private static let certificateVariable = "MLFLOW_TRACKING_SERVER_CERT_PATH"

  /// As MLflow's client takes it: true or 1.
  private func isInsecure() throws -> Bool {
    let isInsecure = ["true", "1"].contains(Environment["MLFLOW_TRACKING_INSECURE_TLS"]?.lowercased())
    if isInsecure, Environment[Self.certificateVariable] != nil || certificates.caFile != nil {
      Diagnostics.say(
        "MLFLOW_TRACKING_INSECURE_TLS and an authority to trust contradict each other: take one of them away")
      throw ExitStatus.configuration.exit
    }
    return isInsecure
  }

  /// Files before variables; of the variables user and password before the token, as MLflow's client has it.
  private func identify(in settings: inout HTTPClient.Settings) throws {
    if let bearerTokenFile {
      settings.bearerToken = try SecretFile.word(bearerTokenFile)
    } else if let user, let passwordFile {
      settings.user = HTTPClient.User(name: user, password: try SecretFile.line(passwordFile))
    } else if let user = Environment["MLFLOW_TRACKING_USERNAME"],
      let password = Environment["MLFLOW_TRACKING_PASSWORD"]
    {
      settings.user = HTTPClient.User(name: user, password: password)
    } else {
      settings.bearerToken = Environment["MLFLOW_TRACKING_TOKEN"]
    }
  }
}

extension ObserveMLflowCommand {
  /// `{"observed_at":"…","origin":"mlflow host:5000","models":3,"versions":9,"champion":2,…,"unknown":0,"warnings":1}`.
  private static func json(_ observation: ModelObservation) -> String {
    JSONWriter.text(.escaped) { json in
      json.beginObject()
      json.member("observed_at", observation.observedAt.description)
      json.member("origin", observation.origin)
      json.member("models", observation.models.count)
      json.member("versions", observation.versions.count)
      for role in ModelRole.allCases {
        json.key(given: role.rawValue)
        json.value(Int64(observation.versions.count { $0.role == role }))
      }
      json.member("unknown", observation.versions.count { $0.role == nil })
      json.member("warnings", observation.warnings.count)
      json.endObject()
    }
  }

  private static func json(_ version: ObservedModelVersion) -> String {
    JSONWriter.text(.escaped) { json in
      json.beginObject()
      json.member("model", version.identity.model)
      json.member("version", version.identity.version)
      json.member("crypto", version.crypto)
      json.member("role", version.role?.rawValue)
      json.member("reason", version.reason)
      json.member("created_at", version.identity.createdAt?.description)
      json.member("champion_since", version.championSince?.description)
      json.member("champion_since_earliest", version.championSinceEarliest?.description)
      json.endObject()
    }
  }
}

extension ExitStatus {
  fileprivate init(_ kind: MLflowFailure.Kind) {
    self =
      switch kind {
      case .unreachable: .unavailable
      case .forbidden: .missingRights
      case .configuration: .configuration
      case .tooMuch: .damagedInput
      }
  }
}
