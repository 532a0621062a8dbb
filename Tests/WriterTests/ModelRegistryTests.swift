import LogModel
import Testing

@testable import DiagnosticWriter

/// Observations of model registries are stored whole or not at all, and rows stand for as long as nothing of them changes.
@Suite struct ModelRegistryTests {
  private static let origin = "mlflow h"
  private let database: TestDatabase
  private let connection: Connection

  init() throws {
    database = try TestDatabase.withWholeTaxonomy()
    connection = try database.connect()
  }

  private static func version(_ number: Int64, _ role: ModelRole?) -> ObservedModelVersion {
    ObservedModelVersion(
      ModelVersionIdentity(model: "m", version: number, createdAt: World.noon - .days(9)), crypto: "BTCUSDC",
      role: role, reason: role?.rawValue ?? "two aliases", aliases: ["a,\"b\"", "ü\u{0}"],
      linkPath: "/#/m/\(number)")
  }

  private static func observation(_ hours: Int64, _ versions: [ObservedModelVersion]) -> ModelObservation {
    let time = World.noon + .hours(hours)
    return ModelObservation(
      origin: origin, beganAt: time - .minutes(1), observedAt: time,
      models: [ObservedModel(name: "m", createdAt: World.noon - .days(10), cryptos: ["BTCUSDC"])],
      versions: versions, warnings: ["w, \"x\""])
  }

  @discardableResult
  private func store(_ hours: Int64, _ versions: [ObservedModelVersion]) throws -> ModelObservation? {
    try ModelRegistry(connection).store(origin: Self.origin, at: World.noon + .hours(hours)) { _ in
      Self.observation(hours, versions)
    }
  }

  private func shown(at hours: Int64) throws -> [String] {
    try connection.column(
      """
      SELECT concat_ws(' ', version, coalesce(role, '?')) FROM diagnostics.model_versions_at($1::timestamptz) ORDER BY version
      """, [(World.noon + .hours(hours)).sqlText]
    ).compactMap(\.self)
  }

  @Test func instantsSeeWhatWasObservedByThen() throws {
    try store(0, [Self.version(1, .champion), Self.version(2, .challenger)])
    try store(1, [Self.version(1, .former), Self.version(2, .champion), Self.version(3, .challenger)])
    try store(2, [Self.version(1, .former), Self.version(3, .challenger)])
    #expect(try shown(at: -1) == [])
    #expect(try shown(at: 0) == ["1 champion", "2 challenger"])
    #expect(try shown(at: 1) == ["1 former", "2 champion", "3 challenger"])
    #expect(try shown(at: 2) == ["1 former", "3 challenger"])
    #expect(try connection.signal("challenger_count", "BTCUSDC", at: World.noon + .hours(2)) == "1 ok")
    #expect(try connection.signal("challenger_count", "BTCUSDC", at: World.noon + .hours(26)) == "1 ok")
    #expect(
      try connection.signal("challenger_count", "BTCUSDC", at: World.noon + .hours(26) + .instant)
        == "unknown")
    #expect(try connection.signal("challenger_count", "ETHUSDC", at: World.noon + .hours(2)) == "unknown")
  }

  @Test func whatDoesNotChangeHasOneRow() throws {
    for hours in 0..<4 as Range<Int64> {
      try store(hours, [Self.version(1, .champion), Self.version(2, nil)])
    }
    #expect(try connection.value("SELECT count(*) FROM corrparse.model_version") == "2")
    #expect(try connection.value("SELECT count(*) FROM corrparse.registered_model") == "1")
    #expect(try connection.value("SELECT count(*) FROM diagnostics.model_observation_v1") == "4")
    #expect(
      try connection.value("SELECT warnings[1] FROM diagnostics.model_observation_v1 LIMIT 1") == "w, \"x\"")
    #expect(
      try connection.column("SELECT unnest(aliases) FROM diagnostics.model_version_v1 WHERE version = 1")
        == ["a,\"b\"", "ü"])
    // A role that is not known makes the count unknown.
    #expect(try connection.signal("challenger_count", "BTCUSDC", at: World.noon + .hours(3)) == "unknown")
    #expect(
      try connection.value(
        """
        SELECT reason FROM diagnostics.golden_signals_at($1::timestamptz) WHERE signal = 'challenger_count' AND scope = 'BTCUSDC'
        """, [(World.noon + .hours(3)).sqlText]) == "m 2: two aliases")
  }

  /// Two observers: the one that comes with an older observation stores nothing.
  @Test func olderObservationsAreNotStored() throws {
    try store(1, [Self.version(1, .champion)])
    #expect(try store(1, [Self.version(1, .former)]) == nil)
    #expect(try store(0, [Self.version(1, .former)]) == nil)
    #expect(try shown(at: 9) == ["1 champion"])
    // Of another server it may be older.
    let other = try ModelRegistry(connection).store(origin: "mlflow other", at: World.noon) { _ in
      ModelObservation(origin: "mlflow other", beganAt: World.noon, observedAt: World.noon)
    }
    #expect(other != nil)
  }

  @Test func observationIsStoredWholeOrNotAtAll() throws {
    try store(0, [Self.version(1, .champion)])
    // The database refuses the second version.
    var broken = Self.version(2, .champion)
    broken.championSince = World.noon
    broken.championSinceEarliest = World.noon + .hours(1)
    #expect(throws: DatabaseError.self) { try store(1, [Self.version(1, .former), broken]) }
    #expect(try shown(at: 1) == ["1 champion"])
    #expect(try connection.value("SELECT count(*) FROM corrparse.model_observation") == "1")
    #expect(
      try connection.value("SELECT count(*) FROM corrparse.model_version WHERE gone_at IS NOT NULL") == "0")
  }

  @Test func memoryHoldsWhatEarlierObservationsSaw() throws {
    var champion = Self.version(2, .champion)
    champion.championSince = World.noon + .hours(1)
    champion.championSinceEarliest = World.noon
    try store(0, [Self.version(1, .champion)])
    try store(1, [Self.version(1, nil), champion])
    var found: ModelMemory?
    _ = try ModelRegistry(connection).store(origin: Self.origin, at: World.noon + .hours(2), isDryRun: true) {
      memory in
      found = memory
      return Self.observation(2, [])
    }
    let memory = try #require(found)
    #expect(memory.previousBeganAt == World.noon + .hours(1) - .minutes(1))
    #expect(memory.doubtful == [Self.version(1, nil).identity])
    #expect(
      Set(memory.champions) == [
        PastChampion(
          Self.version(1, nil).identity, modelCreatedAt: World.noon - .days(10),
          lastSeenAt: World.noon + .hours(1)),
        PastChampion(
          champion.identity, modelCreatedAt: World.noon - .days(10), lastSeenAt: World.noon + .hours(1),
          isStanding: true, since: World.noon + .hours(1), sinceEarliest: World.noon),
      ])
    #expect(memory.cryptos.isSuperset(of: ["BTCUSDC", "SOLUSDC"]))
    #expect(try shown(at: 2) == ["1 ?", "2 champion"])
  }
}
