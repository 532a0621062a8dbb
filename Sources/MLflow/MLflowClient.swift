import FoundationEssentials
import Glibc
public import HTTPTransport
import LogModel

/// Why an MLflow server gave no observation.
public struct MLflowFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure it is; each belongs to one exit code.
  public enum Kind: Sendable, Hashable {
    /// No answer, or none that helps, after bounded retries; or pages that do not come to an end.
    case unreachable
    /// The server does not let us.
    case forbidden
    /// URL, allowed hosts, certificate, workspace: to be changed.
    case configuration
    /// The registry is larger than what is read.
    case tooMuch
  }

  /// What kind of failure it is.
  public let kind: Kind
  /// What happened and what to try.
  public let description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}

/// Reads the model registry of an MLflow server, of the versions from 1.30 on.
///
/// Two lists tell everything: the models with their aliases and the versions with their stages. Pages are counted by offsets, so what
/// changes meanwhile could be lost; hence versions are asked for in the order of their registration, and the models are read again
/// afterwards. Where they differ from the first reading, the versions are read once more.
public final class MLflowClient {
  /// What is read at most.
  public struct Limits: Sendable, Hashable {
    /// Registered models.
    public var models = 20_000
    /// Versions of all of them.
    public var versions = 200_000
    /// Pages of a list.
    public var pages = 10_000
    /// Items of a page.
    public var pageSize = 1000

    /// The defaults.
    public init() {}
  }

  private static let attempts = 3
  private static let leastPageSize = 10

  private let client: HTTPClient
  private let address: HTTPAddress
  private let limits: Limits
  /// With `--static-prefix`, servers before 3 answer below it only to the second. Nil until one has answered.
  private var root: String?

  /// A client.
  /// - Parameters:
  ///   - client: Asks. Answers of some MiB have to fit.
  ///   - address: The server's base URL.
  ///   - limits: What is read at most.
  public init(_ client: HTTPClient, _ address: HTTPAddress, limits: Limits = Limits()) {
    self.client = client
    self.address = address
    self.limits = limits
  }

  /// Reads all of the registry.
  /// - Returns: What it shows.
  /// - Throws: Why not all of it could be read.
  public func read() throws(MLflowFailure) -> Registry {
    var models = try models()
    var versions = try versions()
    let again = try self.models()
    if again != models {
      versions = try self.versions()
      models = again
    }
    return Registry(models: models, versions: versions)
  }

  private func models() throws(MLflowFailure) -> [RegisteredModel] {
    let found = try all(ModelPage.self, "registered-models/search", [], limit: limits.models, "models")
    return Dictionary(found.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last }).values
      .sorted { $0.name < $1.name }
  }

  private func versions() throws(MLflowFailure) -> [ModelVersion] {
    struct Key: Hashable {
      let model: String
      let number: Int64
    }
    let order = ["creation_timestamp ASC", "name ASC", "version_number ASC"]
    let found = try all(
      VersionPage.self, "model-versions/search", order.map { (name: "order_by", value: $0) },
      limit: limits.versions, "versions")
    return Dictionary(
      found.map { (Key(model: $0.model, number: $0.number), $0) }, uniquingKeysWith: { _, last in last }
    ).values.sorted { ($0.model, $0.number) < ($1.model, $1.number) }
  }

  /// The items of every page. A page that is too long is asked for again as a shorter one: tokens are offsets.
  private func all<Page: RegistryPage>(
    _ type: Page.Type, _ path: String, _ query: [(name: String, value: String)], limit: Int, _ things: String
  ) throws(MLflowFailure) -> [Page.Item] {
    var items: [Page.Item] = []
    var size = limits.pageSize
    var token: String?
    var seen: Set<String> = []
    for _ in 0..<limits.pages {
      let parameters = query + (token.map { [(name: "page_token", value: $0)] } ?? [])
      guard let page = try page(type, path, [(name: "max_results", value: "\(size)")] + parameters) else {
        guard size > Self.leastPageSize else {
          throw MLflowFailure(.tooMuch, "\(address): \(size) \(things) are more than an answer may be long")
        }
        size = max(size / 4, Self.leastPageSize)
        continue
      }
      items += page.items
      guard items.count <= limit else {
        throw MLflowFailure(
          .tooMuch, "\(address) has more than \(limit) \(things), which is more than is read")
      }
      guard let next = page.nextToken, !next.isEmpty else { return items }
      guard seen.insert(next).inserted else {
        throw MLflowFailure(
          .unreachable,
          "\(address): the pages of \(things) do not move on: a page names a page before it as the next")
      }
      token = next
    }
    throw MLflowFailure(
      .unreachable,
      "\(address): the pages of \(things) come to no end: \(limits.pages) pages and \(items.count) \(things)")
  }

  /// One page; nil where it is too long.
  private func page<Page: RegistryPage>(
    _ type: Page.Type, _ path: String, _ query: [(name: String, value: String)]
  ) throws(MLflowFailure) -> Page? {
    guard let response = try get(path, query) else { return nil }
    guard response.status == 200, let page = Page.read(response.body) else {
      throw refusal(response)
    }
    return page
  }

  /// An answer, whatever it says; nil where it is too long. What may pass is asked for again.
  private func get(
    _ path: String, _ query: [(name: String, value: String)]
  ) throws(MLflowFailure) -> HTTPResponse? {
    for root in root.map({ [$0] }) ?? ["/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/"] {
      let response = try patiently(root + path, query)
      // An object that is not there is told in JSON, an address that is not there in HTML.
      if response?.status == 404, ServerError(response) == nil, self.root == nil { continue }
      self.root = root
      return response
    }
    throw MLflowFailure(
      .configuration, "\(address) answers 404 and not as an MLflow server does: is that its base URL?")
  }

  private func patiently(
    _ path: String, _ query: [(name: String, value: String)]
  ) throws(MLflowFailure) -> HTTPResponse? {
    var attempt = 1
    while true {
      let failure: MLflowFailure
      do throws(HTTPFailure) {
        let response = try client.get(address, path, query: query)
        guard response.status == 429 || response.status >= 500, ServerError(response)?.isFinal != true else {
          return response
        }
        failure = refusal(response)
      } catch {
        switch error.kind {
        case .tooLong: return nil
        case .unreachable, .cut: failure = MLflowFailure(.unreachable, "\(address): \(error)")
        case .tls, .invalid, .interrupted:
          throw MLflowFailure(
            .configuration, "\(address): \(error)" + (error.certificateAdvice.map { "; " + $0 } ?? ""))
        }
      }
      guard attempt < Self.attempts else {
        throw MLflowFailure(
          failure.kind, "\(failure.description); \(HTTPFailure.advice(after: attempt))")
      }
      usleep(UInt32(500_000 << (attempt - 1)))
      attempt += 1
    }
  }

  /// Why an answer is no page.
  private func refusal(_ response: HTTPResponse) -> MLflowFailure {
    let reason = ServerError(response).map { ": " + $0.text } ?? ""
    let start = "\(address) answers \(response.status)\(reason)"
    switch response.status {
    case 401:
      return MLflowFailure(
        .forbidden,
        start
          + ": set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN for a proxy that takes tokens"
      )
    case 403 where String(decoding: response.body.prefix(200), as: UTF8.self).contains("Invalid Host header"):
      return MLflowFailure(
        .configuration,
        "\(address) refuses to be called by that name: start MLflow with --allowed-hosts '\(address.host)' beside the names that it has"
      )
    case 403: return MLflowFailure(.forbidden, start + ": the user has no right to read the model registry")
    case 429: return MLflowFailure(.unreachable, start)
    case 500... where ServerError(response)?.isFinal != true: return MLflowFailure(.unreachable, start)
    case 200:
      return MLflowFailure(
        .configuration,
        "\(address) answers, but not as an MLflow server does: is that its base URL, without a login page before it?"
      )
    default: return MLflowFailure(.configuration, start)
    }
  }
}

/// `{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "…"}`.
private struct ServerError: Decodable {
  private static let longest = 300

  private let code: String
  private let message: String?

  private enum CodingKeys: String, CodingKey {
    case code = "error_code"
    case message
  }

  /// Nil where the answer is none.
  init?(_ response: HTTPResponse?) {
    guard let response, response.status != 200,
      let error = try? JSONDecoder().decode(ServerError.self, from: Data(response.body))
    else { return nil }
    self = error
  }

  /// Whether asking again helps nothing: the server is asked for something that it does not have.
  var isFinal: Bool { code == "FEATURE_DISABLED" }

  var text: String { String((message ?? code).prefix(Self.longest)) }
}
