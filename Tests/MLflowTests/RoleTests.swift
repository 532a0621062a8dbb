import DiagnosticWriter
import LogModel
import Testing

@testable import MLflow

/// 3-classification, Models, for what one recording cannot show: what earlier observations saw, and what contradicts itself.
@Suite struct RoleTests {
  private static let noon = LogTime(microseconds: 1_774_699_200_000_000)

  private static func time(_ hours: Int64) -> LogTime {
    LogTime(microseconds: noon.microseconds + hours * 3_600_000_000)
  }

  /// Version n was registered n hours after noon, of a model that was registered at noon; looked at after 100 hours.
  private static func version(
    _ number: Int64, of model: String = "pte_SOLUSDC", stage: String? = "None", status: String? = "READY",
    tags: [String: String] = [:], aliases: [String] = []
  ) -> ModelVersion {
    ModelVersion(
      model, number, createdAt: time(number), updatedAt: time(number), stage: stage, status: status,
      tags: tags,
      aliases: aliases)
  }

  private static func past(
    _ number: Int64, of model: String = "pte_SOLUSDC", registered: LogTime? = nil, seen: Int64 = 90,
    isStanding: Bool = false
  ) -> PastChampion {
    PastChampion(
      ModelVersionIdentity(model: model, version: number, createdAt: registered ?? time(number)),
      modelCreatedAt: noon, lastSeenAt: time(seen), isStanding: isStanding,
      since: isStanding ? time(50) : nil, sinceEarliest: isStanding ? time(49) : nil)
  }

  private func observe(
    _ versions: [ModelVersion], _ aliases: [String: Int64] = [:], name: String = "pte_SOLUSDC",
    tags: [String: String] = [:], past: [PastChampion] = [], names: RegistryNames = RegistryNames(),
    _ change: (inout ModelMemory) -> Void = { _ in }
  ) -> ModelObservation {
    var memory = ModelMemory()
    memory.cryptos = ["BTCUSDC", "ETHUSDC", "SOLUSDC", "BONKUSDC"]
    memory.champions = past
    change(&memory)
    let model = RegisteredModel(name: name, createdAt: Self.noon, tags: tags, aliases: aliases)
    return RoleAssignment.observation(
      of: Registry(models: [model], versions: versions), names: names, memory: memory, origin: "mlflow h",
      beganAt: Self.time(99), observedAt: Self.time(100), linkURL: nil)
  }

  private func roles(_ observation: ModelObservation) -> String {
    observation.versions.map { "\($0.identity.version) \($0.role?.rawValue ?? "?")" }.joined(separator: ", ")
  }

  private static let five = (1...5).map { version(Int64($0)) }

  @Test func champions() {
    #expect(
      roles(observe(Self.five, ["champion": 4]))
        == "1 other, 2 other, 3 other, 4 champion, 5 challenger")
    #expect(
      roles(observe(Self.five, ["CHAMPION": 5])) == "1 other, 2 other, 3 other, 4 other, 5 champion")
    // Without any champion ever all of them wait.
    #expect(
      roles(observe(Self.five))
        == "1 challenger, 2 challenger, 3 challenger, 4 challenger, 5 challenger")
    // Servers with a file store tell aliases of versions.
    #expect(
      roles(observe([Self.version(1), Self.version(2, aliases: ["champion"])])) == "1 other, 2 champion")
    var names = RegistryNames()
    names.championAliases = ["prod", "live"]
    #expect(
      roles(observe([Self.version(1), Self.version(2)], ["Live": 1], names: names))
        == "1 champion, 2 challenger")
  }

  /// The champion moved back from 5 to 4: 5 is no candidate, it was tried.
  @Test func rollbackLeavesAFormerChampion() throws {
    let observation = observe(Self.five, ["champion": 4], past: [Self.past(5, isStanding: true)])
    #expect(roles(observation) == "1 other, 2 other, 3 other, 4 champion, 5 former")
    let former = try #require(observation.versions.last)
    #expect(former.reason == "champion until \(Self.time(100)) at the latest")
    // The next observation says the same.
    let later = observe(
      Self.five, ["champion": 4], past: [Self.past(4, isStanding: true), Self.past(5, seen: 100)])
    #expect(later.versions.last?.reason == former.reason)
  }

  /// The alias was deleted: no champion is the news, not thirty challengers.
  @Test func killSwitchMakesNoChallengers() {
    let observation = observe(Self.five, past: [Self.past(4, isStanding: true), Self.past(2, seen: 10)])
    #expect(roles(observation) == "1 other, 2 former, 3 other, 4 former, 5 challenger")
  }

  /// Numbers begin anew where a model was deleted: a champion of the model before it says nothing.
  @Test func championsOfADeletedModelSayNothing() {
    let before = Self.past(4, registered: Self.time(-50), seen: -10)
    #expect(
      roles(observe([Self.version(4), Self.version(5)], past: [before])) == "4 challenger, 5 challenger")
  }

  @Test func renamedModelsAreKnownAgain() {
    let old = Self.past(5, of: "old_SOLUSDC", isStanding: true)
    #expect(
      roles(observe(Self.five, ["champion": 4], past: [old]))
        == "1 other, 2 other, 3 other, 4 champion, 5 former")
    // A model that was registered at another time is another one.
    let other = PastChampion(old.identity, modelCreatedAt: Self.time(-1), lastSeenAt: Self.time(90))
    #expect(
      roles(observe(Self.five, ["champion": 4], past: [other]))
        == "1 other, 2 other, 3 other, 4 champion, 5 challenger")
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let versions: [ModelVersion]
    var aliases: [String: Int64] = [:]
    let roles: String
    var warnings: [String] = []
    let testDescription: String
  }

  @Test(arguments: [
    Case(
      versions: [version(1, stage: "Production"), version(2)], roles: "1 champion, 2 challenger",
      testDescription: "a stage without an alias"),
    Case(
      versions: [version(1, stage: "Production"), version(2, stage: "Production"), version(3)],
      roles: "1 other, 2 champion, 3 challenger",
      warnings: ["pte_SOLUSDC: versions 1, 2 are in stage Production; the highest counts"],
      testDescription: "two in stage Production"),
    Case(
      versions: [version(1, stage: "Production"), version(2)], aliases: ["champion": 2],
      roles: "1 other, 2 champion",
      warnings: [
        "pte_SOLUSDC: version 1 is in stage Production, but the alias champion names version 2, which counts"
      ],
      testDescription: "alias and stage differ"),
    Case(
      versions: [version(1), version(2, tags: ["rejected": ""]), version(3)],
      aliases: ["champion": 1, "Champion": 3], roles: "1 ?, 2 rejected, 3 ?",
      warnings: ["pte_SOLUSDC: the aliases Champion (3) and champion (1) name different versions"],
      testDescription: "two aliases differ"),
    Case(
      versions: [version(1), version(2)], aliases: ["champion": 7], roles: "1 challenger, 2 challenger",
      warnings: ["pte_SOLUSDC: the alias champion names version 7, which does not exist"],
      testDescription: "an alias of nothing"),
    Case(
      versions: [version(1, stage: "Production"), version(2)], aliases: ["champion": 7], roles: "1 ?, 2 ?",
      warnings: [
        "pte_SOLUSDC: the alias champion names version 7, which does not exist",
        "pte_SOLUSDC: version 1 in stage Production may be the champion in its place",
      ],
      testDescription: "an alias of nothing, and a stage"),
    Case(
      versions: [version(1, stage: "Staging"), version(2)], aliases: ["champion": 2, "challenger": 1],
      roles: "1 challenger, 2 champion", testDescription: "named, whatever its number"),
    Case(
      versions: [version(1), version(2, tags: ["Decision": "REJECTED"])],
      aliases: ["champion": 1, "challenger": 2],
      roles: "1 champion, 2 challenger",
      warnings: ["pte_SOLUSDC 2: challenger (alias challenger), and yet tag Decision=REJECTED"],
      testDescription: "named and rejected"),
    Case(
      versions: [version(1), version(2, status: "PENDING_REGISTRATION"), version(3, status: nil)],
      aliases: ["champion": 1],
      roles: "1 champion, 2 other, 3 other", testDescription: "not ready"),
    Case(
      versions: [
        version(1, stage: nil), version(2, tags: ["stage": "archived"]), version(3, aliases: ["archived"]),
      ],
      aliases: ["champion": 1], roles: "1 champion, 2 archived, 3 archived",
      testDescription: "put away without stages"),
  ])
  func situations(_ one: Case) {
    let observation = observe(one.versions, one.aliases)
    #expect(roles(observation) == one.roles)
    #expect(observation.warnings == one.warnings)
  }

  @Test(arguments: [
    ("false", "challenger"), ("No", "challenger"), ("0", "challenger"), ("", "rejected"),
    ("true", "rejected"),
    ("by ann", "rejected"),
  ])
  func tagRejected(value: String, role: String) {
    #expect(
      roles(observe([Self.version(1), Self.version(2, tags: ["Rejected": value])], ["champion": 1]))
        == "1 champion, 2 \(role)")
  }

  /// A right that is missing shows as less, not as an error.
  @Test func whatIsHiddenIsNotKnown() {
    let models = observe([])
    #expect(models.models[0].doubt == "the server shows none of its versions: rights?")
    let versions = observe(
      [Self.version(1), Self.version(1, of: "hidden_BTCUSDC", stage: "Production")], ["champion": 1])
    #expect(roles(versions) == "1 champion, 1 ?")
    #expect(versions.models.map(\.name) == ["pte_SOLUSDC", "hidden_BTCUSDC"])
    #expect(versions.models[1].cryptos == ["BTCUSDC"])
    #expect(versions.models[1].doubt != nil)
    let nothing = RoleAssignment.observation(
      of: Registry(models: [], versions: []), names: RegistryNames(), memory: ModelMemory(),
      origin: "mlflow h",
      beganAt: Self.noon, observedAt: Self.noon, linkURL: nil)
    #expect(nothing.warnings.count == 1)
  }

  @Test func promptsAreNoModels() {
    let registry = Registry(
      models: [
        RegisteredModel(name: "p", createdAt: Self.noon, tags: ["mlflow.prompt.is_prompt": "true"]),
        RegisteredModel(name: "m", createdAt: Self.noon),
      ], versions: [Self.version(1, of: "p"), Self.version(1, of: "m")])
    #expect(registry.models.map(\.name) == ["m"])
    #expect(registry.versions.map(\.model) == ["m"])
  }

  // MARK: Champion since

  private func since(_ observation: ModelObservation, _ number: Int64 = 2) -> String {
    guard let version = observation.versions.first(where: { $0.identity.version == number }) else {
      return ""
    }
    func hours(_ time: LogTime?) -> String {
      time.map { "\(($0.microseconds - Self.noon.microseconds) / 3_600_000_000)" } ?? "-"
    }
    return "\(hours(version.championSinceEarliest)) \(hours(version.championSince))"
  }

  @Test func championSince() {
    // The first observation: since its registration at the earliest.
    #expect(since(observe(Self.five, ["champion": 2])) == "2 100")
    // The observation before saw another role.
    #expect(since(observe(Self.five, ["champion": 2]) { $0.previousBeganAt = Self.time(98) }) == "98 100")
    // Or could not tell.
    #expect(
      since(
        observe(Self.five, ["champion": 2]) {
          $0.previousBeganAt = Self.time(98)
          $0.doubtful = [ModelVersionIdentity(model: "pte_SOLUSDC", version: 2, createdAt: Self.time(2))]
        }) == "2 100")
    // It was champion already.
    #expect(
      since(
        observe(Self.five, ["champion": 2], past: [Self.past(2, isStanding: true)]) {
          $0.previousBeganAt = Self.time(98)
        }) == "49 50")
    // It was champion once, and is so again.
    #expect(
      since(observe(Self.five, ["champion": 2], past: [Self.past(2)]) { $0.previousBeganAt = Self.time(98) })
        == "98 100")
    // Others have no such time.
    #expect(since(observe(Self.five, ["champion": 2]), 3) == "- -")
  }

  @Test func championSinceByStageAndByTag() {
    let staged = ModelVersion(
      "pte_SOLUSDC", 2, createdAt: Self.time(2), updatedAt: Self.time(70), stage: "Production")
    #expect(since(observe([staged])) == "2 70")
    // The last change was before the observation that saw another role: it was something else.
    #expect(since(observe([staged]) { $0.previousBeganAt = Self.time(98) }) == "98 100")
    #expect(
      since(observe([Self.version(2, tags: ["promoted_at": "\(Self.time(30))"])], ["champion": 2])) == "30 30"
    )
    // Before its registration, of the future, no time.
    for value in ["\(Self.time(1))", "\(Self.time(101))", "soon"] {
      #expect(since(observe([Self.version(2, tags: ["promoted_at": value])], ["champion": 2])) == "2 100")
    }
  }

  @Test func timesOfRegistrationThatAreNone() {
    let missing = ModelVersion("pte_SOLUSDC", 1, createdAt: nil)
    let future = ModelVersion("pte_SOLUSDC", 2, createdAt: Self.time(200))
    let observation = observe([missing, future], ["champion": 2])
    #expect(
      observation.warnings == [
        "pte_SOLUSDC 1: no time of its registration",
        "pte_SOLUSDC 2: registered in the future, \(Self.time(200))",
      ])
    #expect(since(observation) == "- 100")
  }

  // MARK: Cryptos

  @Test(arguments: [
    ("pte_SOLUSDC", "SOLUSDC"), ("SOLUSDC", "SOLUSDC"), ("solusdc-h4", "SOLUSDC"),
    ("x/SolUsdc.v2", "SOLUSDC"),
    ("1000BONKUSDC", ""), ("SOLUSDCx", ""), ("äSOLUSDC", ""), ("momentum", ""),
    ("SOLUSDC_btcusdc", "BTCUSDC SOLUSDC"), ("SOLUSDC SOLUSDC", "SOLUSDC"),
  ])
  func cryptosInNames(name: String, cryptos: String) {
    let names = CryptoNames(["BTCUSDC", "SOLUSDC", "BONKUSDC"])
    #expect(names.cryptos(in: name).joined(separator: " ") == cryptos)
  }

  @Test func theLongerCryptoCounts() {
    #expect(CryptoNames(["ETH", "ETH-PERP"]).cryptos(in: "x_ETH-PERP_1") == ["ETH-PERP"])
    #expect(CryptoNames(["ETH", "ETH-PERP"]).cryptos(in: "ETH-PERP_ETH") == ["ETH", "ETH-PERP"])
  }

  @Test func tagsGoBeforeNames() {
    let versions = [
      Self.version(1), Self.version(2, tags: ["crypto": "btcusdc"]), Self.version(3, tags: ["crypto": " "]),
    ]
    let observation = observe(versions, tags: ["crypto": "PEPEUSDC"])
    #expect(observation.models[0].cryptos == ["PEPEUSDC"])
    #expect(observation.versions.map(\.crypto) == ["PEPEUSDC", "BTCUSDC", "PEPEUSDC"])
    #expect(
      observation.warnings == [
        "pte_SOLUSDC: the tag crypto names PEPEUSDC, which is neither in the universe nor in a record"
      ])
    #expect(observe([Self.version(1, of: "momentum")], name: "momentum").versions[0].crypto == nil)
    let several = observe([Self.version(1, of: "SOLUSDC.BTCUSDC")], name: "SOLUSDC.BTCUSDC")
    #expect(several.models[0].cryptos == ["BTCUSDC", "SOLUSDC"])
    #expect(several.versions[0].crypto == nil)
  }

  @Test func warningsAreBounded() {
    let versions = (1...300).map { ModelVersion("pte_SOLUSDC", $0, createdAt: nil) }
    let observation = observe(versions)
    #expect(observation.warnings.count == 101)
    #expect(observation.warnings.last == "200 more are not listed")
  }
}
