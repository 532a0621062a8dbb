import DiagnosticWriter
import Foundation
import LogModel
import Testing

@testable import MLflow

/// What servers of MLflow answered (Tests/MLflow/recorded), read and judged.
@Suite struct RecordedRegistryTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../MLflow").standardized

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: name)))
  }

  static func registry(_ version: String) throws -> Registry {
    let models = try #require(ModelPage.read(bytes("recorded/\(version)/registered-models.json")))
    let versions = try #require(VersionPage.read(bytes("recorded/\(version)/model-versions.json")))
    #expect(models.nextToken == nil)
    #expect(versions.nextToken == nil)
    return Registry(
      models: models.items.sorted { $0.name < $1.name },
      versions: versions.items.sorted { ($0.model, $0.number) < ($1.model, $1.number) })
  }

  /// `model, version, crypto, role`, by hand.
  private static func expected() throws -> [String] {
    String(decoding: try bytes("roles.tsv"), as: UTF8.self).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
      .map { $0.split(separator: "\t").prefix(4).joined(separator: "\t") }
  }

  @Test(arguments: ["2.8.1", "3.17.2"])
  func rolesAreTheSpecifications(version: String) throws {
    var memory = ModelMemory()
    memory.cryptos = ["BTCUSDC", "ETHUSDC", "SOLUSDC", "ADAUSDC", "BONKUSDC", "XRPUSDC"]
    let now = LogTime(microseconds: 1_800_000_000_000_000)
    let observation = RoleAssignment.observation(
      of: try Self.registry(version), names: RegistryNames(), memory: memory, origin: "mlflow h",
      beganAt: now,
      observedAt: now, linkURL: nil)
    let found = observation.versions.map { version in
      "\(version.identity.model)\t\(version.identity.version)\t\(version.crypto ?? "-")\t\(version.role?.rawValue ?? "-")"
    }
    #expect(try Set(found) == Set(Self.expected()))
    #expect(found.count == Set(found).count)
    #expect(observation.models.count == 8)
    // Only 2.8.1 keeps the alias of a version that is deleted.
    #expect(
      observation.warnings.contains("BONKUSDC: the alias champion names version 1, which does not exist")
        == (version == "2.8.1"))
    #expect(
      observation.warnings.contains(
        "pte_SOLUSDC: version 1 is in stage Production, but the alias champion names version 4, which counts")
    )
    #expect(
      observation.warnings.contains(
        "ADAUSDC: the aliases Champion (2) and champion (1) name different versions"))
    #expect(
      observation.warnings.contains(
        "SOLUSDC-ETHUSDC: its name tells ETHUSDC and SOLUSDC; a tag crypto would decide"))
    #expect(
      observation.warnings.contains {
        $0.hasPrefix("BTCUSDC has 2 champions, each of a model of its own: BTCUSDC-h4 1, pte_BTCUSDC 2")
      })
    #expect(
      observation.versions.first { $0.identity.model.hasPrefix("mod") }?.linkPath
        == "/#/models/mod%C3%A8le%20XRPUSDC%20%C2%BD/versions/1")
  }

  @Test func bothServersTellTheSameOfVersions() throws {
    func shape(_ version: String) throws -> [String] {
      try Self.registry(version).versions.map {
        "\($0.model) \($0.number) \($0.stage ?? "") \($0.status ?? "") \($0.tags) \($0.runID ?? "") \($0.createdAt != nil)"
      }
    }
    #expect(try shape("2.8.1") == shape("3.17.2"))
  }

  @Test(arguments: [
    "", "[]", "null", "<html>", #"{"error_code": "X"}"#, #"{"model_versions": []}"#,
    #"{"registered_models": {}}"#, #"{"registered_models": [{}]}"#, #"{"registered_models": [{"name": 1}]}"#,
    #"{"registered_models": [{"name": "m", "aliases": [{"alias": "a", "version": "x"}]}]}"#,
    #"{"registered_models": [{"name": "m", "aliases": [{"alias": "a", "version": "0"}]}]}"#,
    String(repeating: #"{"registered_models":["#, count: 1000),
  ])
  func whatIsNoPageOfModels(body: String) {
    #expect(ModelPage.read(Array(body.utf8)) == nil)
  }

  @Test func emptyPagesArePages() throws {
    #expect(try #require(ModelPage.read(Array("{}".utf8))).items == [])
    let page = try #require(ModelPage.read(Array(#"{"next_page_token": "x"}"#.utf8)))
    #expect(page.items == [])
    #expect(page.nextToken == "x")
  }

  /// Milliseconds as a number, as Protocol Buffers writes them, and what is no time.
  @Test(arguments: [
    ("1774699200000", LogTime(microseconds: 1_774_699_200_000_000)),
    (#""1774699200000""#, LogTime(microseconds: 1_774_699_200_000_000)), (#""soon""#, nil), ("0", nil),
    ("-1", nil),
    ("true", nil), ("99999999999999999999", nil), ("253402300800000", nil),
  ])
  func timesOfVersions(text: String, time: LogTime?) throws {
    let body = #"{"model_versions": [{"name": "m", "version": "1", "creation_timestamp": \#(text)}]}"#
    let page = try #require(VersionPage.read(Array(body.utf8)))
    #expect(page.items[0].createdAt == time)
    #expect(page.items[0].stage == nil)
  }
}
