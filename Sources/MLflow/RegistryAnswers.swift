import FoundationEssentials
import LogModel

/// An answer of `registered-models/search`.
struct ModelPage: RegistryPage {
  static let list = "registered_models"

  let items: [RegisteredModel]
  let nextToken: String?

  private enum CodingKeys: String, CodingKey {
    case items = "registered_models"
    case nextToken = "next_page_token"
  }

  init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    items = try members.decodeIfPresent([RegisteredModel].self, forKey: .items) ?? []
    nextToken = try members.decodeIfPresent(String.self, forKey: .nextToken)
  }
}

/// An answer of `model-versions/search`.
struct VersionPage: RegistryPage {
  static let list = "model_versions"

  let items: [ModelVersion]
  let nextToken: String?

  private enum CodingKeys: String, CodingKey {
    case items = "model_versions"
    case nextToken = "next_page_token"
  }

  init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    items = try members.decodeIfPresent([ModelVersion].self, forKey: .items) ?? []
    nextToken = try members.decodeIfPresent(String.self, forKey: .nextToken)
  }
}

/// One page of a list. The list is absent where it is empty, and the token where no page follows.
protocol RegistryPage: Decodable {
  associatedtype Item
  /// The member that holds the list.
  static var list: String { get }
  var items: [Item] { get }
  var nextToken: String? { get }
}

extension RegistryPage {
  /// Reads a page. Nil for what MLflow does not answer: no JSON object, or one with none of the members of a page.
  static func read(_ body: [UInt8]) -> Self? {
    let decoder = JSONDecoder()
    guard let members = try? decoder.decode([String: Present].self, from: Data(body)),
      members.isEmpty || members[list] != nil || members["next_page_token"] != nil
    else { return nil }
    return try? decoder.decode(Self.self, from: Data(body))
  }
}

/// A registered model.
struct RegisteredModel: Decodable, Hashable {
  let name: String
  let createdAt: LogTime?
  let tags: [String: String]
  /// Each alias with the version that it names.
  let aliases: [String: Int64]
  /// Whether the server knows versions of it.
  let hasVersions: Bool

  private enum CodingKeys: String, CodingKey {
    case name, tags, aliases
    case createdAt = "creation_timestamp"
    case latestVersions = "latest_versions"
  }

  private struct Alias: Decodable {
    let alias: String
    let version: VersionNumber
  }

  init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    name = try members.decode(String.self, forKey: .name)
    createdAt = try members.decodeIfPresent(Milliseconds.self, forKey: .createdAt)?.time
    tags = try Tag.values(members.decodeIfPresent([Tag].self, forKey: .tags))
    let given = try members.decodeIfPresent([Alias].self, forKey: .aliases) ?? []
    aliases = Dictionary(given.map { ($0.alias, $0.version.number) }, uniquingKeysWith: { _, last in last })
    hasVersions = try members.decodeIfPresent([Present].self, forKey: .latestVersions)?.isEmpty == false
  }

  init(
    name: String, createdAt: LogTime?, tags: [String: String] = [:], aliases: [String: Int64] = [:],
    hasVersions: Bool = true
  ) {
    self.name = name
    self.createdAt = createdAt
    self.tags = tags
    self.aliases = aliases
    self.hasVersions = hasVersions
  }
}

/// A version of a registered model.
struct ModelVersion: Decodable, Hashable {
  let model: String
  let number: Int64
  let createdAt: LogTime?
  let updatedAt: LogTime?
  /// None, Staging, Production or Archived; nil where the server has no stages.
  let stage: String?
  let status: String?
  let runID: String?
  let tags: [String: String]
  /// Only some servers tell them here; all tell them of the model.
  let aliases: [String]

  private enum CodingKeys: String, CodingKey {
    case name, version, status, tags, aliases
    case createdAt = "creation_timestamp"
    case updatedAt = "last_updated_timestamp"
    case stage = "current_stage"
    case runID = "run_id"
  }

  init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    func text(_ key: CodingKeys) throws -> String? {
      let text = try members.decodeIfPresent(String.self, forKey: key)
      return text?.isEmpty == false ? text : nil
    }
    model = try members.decode(String.self, forKey: .name)
    number = try members.decode(VersionNumber.self, forKey: .version).number
    createdAt = try members.decodeIfPresent(Milliseconds.self, forKey: .createdAt)?.time
    updatedAt = try members.decodeIfPresent(Milliseconds.self, forKey: .updatedAt)?.time
    stage = try text(.stage)
    status = try text(.status)
    runID = try text(.runID)
    tags = try Tag.values(members.decodeIfPresent([Tag].self, forKey: .tags))
    aliases = try members.decodeIfPresent([String].self, forKey: .aliases) ?? []
  }

  init(
    _ model: String, _ number: Int64, createdAt: LogTime?, updatedAt: LogTime? = nil, stage: String? = "None",
    status: String? = "READY", tags: [String: String] = [:], aliases: [String] = []
  ) {
    self.model = model
    self.number = number
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.stage = stage
    self.status = status
    runID = nil
    self.tags = tags
    self.aliases = aliases
  }
}

/// Something that is there, whatever it is.
private struct Present: Decodable {
  init(from decoder: any Decoder) throws {}
}

private struct Tag: Decodable {
  let key: String
  let value: String?

  static func values(_ tags: [Tag]?) -> [String: String] {
    Dictionary((tags ?? []).map { ($0.key, $0.value ?? "") }, uniquingKeysWith: { _, last in last })
  }
}

/// A version's number, which is a text of digits.
private struct VersionNumber: Decodable {
  let number: Int64

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let number = (try? container.decode(String.self)).map { Int64($0) } ?? (try? container.decode(Int64.self))
    guard let number, number > 0 else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no number of a version")
    }
    self.number = number
  }
}

/// Milliseconds since 1970 as a number, or as a text as Protocol Buffers has it.
private struct Milliseconds: Decodable {
  /// The end of the year 9999.
  private static let last: Int64 = 253_402_300_799_999

  /// Nil where it is no time.
  let time: LogTime?

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let number =
      (try? container.decode(Int64.self)) ?? (try? container.decode(String.self)).flatMap { Int64($0) }
    time = number.flatMap { (1...Self.last).contains($0) ? LogTime(microseconds: $0 * 1000) : nil }
  }
}
