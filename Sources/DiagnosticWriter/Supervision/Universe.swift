import LogModel

/// A crypto with the group it belongs to.
public struct UniverseEntry: Sendable, Hashable {
  /// The crypto pair as logged: `BTCUSDC`.
  public let crypto: String
  /// The group: `btc-core`.
  public let group: String

  /// An entry; nil unless both are names by 1-correlation-data, Record: 1 … 128 characters without blank,
  /// `=`, `,` or control character.
  public init?(crypto: String, group: String) {
    guard Self.isName(crypto), Self.isName(group) else { return nil }
    self.crypto = crypto
    self.group = group
  }

  /// A stored row.
  init(storedCrypto crypto: String, group: String) {
    self.crypto = crypto
    self.group = group
  }

  /// Whether a text can be the name of a crypto or a group.
  public static func isName(_ text: String) -> Bool {
    (1...128).contains(text.unicodeScalars.count)
      && text.unicodeScalars.allSatisfy {
        !$0.properties.isWhitespace && $0.properties.generalCategory != .control && $0 != "=" && $0 != ","
      }
  }
}

/// What a command did, or would do, to one crypto of the universe.
public enum UniverseChange: Sendable, Hashable {
  /// It was not there.
  case added(UniverseEntry)
  /// It belonged to another group.
  case moved(UniverseEntry, from: String)
  /// It is there no longer.
  case removed(UniverseEntry)

  /// Whether a crypto goes.
  public var isRemoval: Bool {
    switch self {
    case .added, .moved: false
    case .removed: true
    }
  }

  /// The crypto concerned.
  public var crypto: String {
    switch self {
    case .added(let entry), .moved(let entry, _), .removed(let entry): entry.crypto
    }
  }
}

/// Which cryptos there are and to which group each belongs (3-classification, Groups): corrparse's copy of
/// the users' own table. Its groups show in `crypto_group` of every view at once, for stored records too.
public struct Universe {
  private let connection: Connection

  /// Over an open connection.
  public init(_ connection: Connection) {
    self.connection = connection
  }

  /// Every crypto, in the order of groups and names.
  public func entries() throws(DatabaseError) -> [UniverseEntry] {
    let rows = try connection.query(Self.list)
    return (0..<rows.rowCount).map { row in
      UniverseEntry(storedCrypto: rows.text(row, 0) ?? "", group: rows.text(row, 1) ?? "")
    }
  }

  /// The same for who may only read, and the cryptos of stored records that are in no group, by name.
  public func listed() throws(DatabaseError) -> (entries: [UniverseEntry], strangers: [String]) {
    let rows = try connection.query(Self.view)
    var (entries, strangers): ([UniverseEntry], [String]) = ([], [])
    for row in 0..<rows.rowCount {
      guard let crypto = rows.text(row, 0) else { continue }
      if let group = rows.text(row, 1) {
        entries.append(UniverseEntry(storedCrypto: crypto, group: group))
      } else {
        strangers.append(crypto)
      }
    }
    return (entries, strangers)
  }

  /// Puts one crypto into a group. Gives nil where it is there already.
  public func set(_ entry: UniverseEntry) throws(DatabaseError) -> UniverseChange? {
    try change(isDryRun: false) { (old) in
      old.filter { $0.crypto != entry.crypto } + [entry]
    }.first
  }

  /// Takes one crypto out of the universe; its records stay. Gives nil where it was not there.
  public func remove(_ crypto: String) throws(DatabaseError) -> UniverseChange? {
    try change(isDryRun: false) { (old) in old.filter { $0.crypto != crypto } }.first
  }

  /// Makes the universe these entries and no others, in one transaction.
  ///
  /// - Parameters:
  ///   - entries: Each crypto once.
  ///   - isDryRun: Whether only to tell what would change.
  ///   - mayRemove: Whether cryptos that are not among the entries may go; where one would go otherwise, nothing is changed.
  /// - Returns: What changed, or would have, by crypto; empty where it was so already, and then nothing was written.
  /// - Throws: What stopped it, with nothing changed.
  public func replace(
    with entries: [UniverseEntry], isDryRun: Bool, mayRemove: Bool = true
  ) throws(DatabaseError) -> [UniverseChange] {
    try change(isDryRun: isDryRun, mayRemove: mayRemove) { _ in entries }
  }

  private func change(
    isDryRun: Bool, mayRemove: Bool = true, _ desired: ([UniverseEntry]) -> [UniverseEntry]
  ) throws(DatabaseError) -> [UniverseChange] {
    do {
      try connection.run(isDryRun ? Self.beginReading : Self.begin)
      let old = try entries()
      let changes = Self.changes(from: old, to: desired(old))
      if !isDryRun, !changes.isEmpty, mayRemove || !changes.contains(where: \.isRemoval) {
        try connection.query(Self.deletion, [Self.json(of: changes)])
        try connection.query(Self.upsert, [Self.json(of: changes)])
      }
      try connection.commit()
      return changes
    } catch {
      try? connection.rollback()
      throw error
    }
  }

  private static func changes(from old: [UniverseEntry], to new: [UniverseEntry]) -> [UniverseChange] {
    let groups = Dictionary(old.map { ($0.crypto, $0.group) }, uniquingKeysWith: { first, _ in first })
    let kept = Set(new.map(\.crypto))
    let changes: [UniverseChange] =
      new.compactMap { entry in
        guard let group = groups[entry.crypto] else { return .added(entry) }
        return group == entry.group ? nil : .moved(entry, from: group)
      } + old.filter { !kept.contains($0.crypto) }.map(UniverseChange.removed)
    return changes.sorted { Array($0.crypto.utf8).lexicographicallyPrecedes(Array($1.crypto.utf8)) }
  }

  /// The changes as rows; one without a group is to go.
  private static func json(of changes: [UniverseChange]) -> String {
    JSONWriter.text(.dropped) { json in
      json.beginArray()
      for change in changes {
        json.beginObject()
        json.member("crypto", change.crypto)
        switch change {
        case .added(let entry), .moved(let entry, _): json.member("crypto_group", entry.group)
        case .removed: break
        }
        json.endObject()
      }
      json.endArray()
    }
  }
}

extension Universe {
  /// What one line of NDJSON says.
  public enum Line: Sendable, Hashable {
    /// A crypto with its group.
    case entry(UniverseEntry)
    /// Why it is none.
    case unusable(String)
  }

  /// Reads one line of NDJSON, `{"crypto":"BTCUSDC","group":"btc-core"}`; the server is the JSON parser. Not within a
  /// transaction.
  public func entry(ndjson line: String) throws(DatabaseError) -> Line {
    let row: QueryResult
    do throws(DatabaseError) {
      row = try connection.query(Self.members, [line])
    } catch {
      guard error.category == .data else { throw error }
      return .unusable("no JSON: \(error.detail ?? error.message)")
    }
    guard row.text(0, 0) == "object" else { return .unusable("no JSON object") }
    for (column, key) in [(5, "crypto"), (6, "group")] where row.text(0, column) == "t" {
      return .unusable("the key \(key) twice")
    }
    guard row.text(0, 1) == "string", let crypto = row.text(0, 2) else {
      return .unusable("no text under the key crypto")
    }
    guard row.text(0, 3) == "string", let group = row.text(0, 4) else {
      return .unusable("no text under the key group")
    }
    guard let entry = UniverseEntry(crypto: crypto, group: group) else {
      return .unusable("names have 1 to 128 characters without blank, = or ,")
    }
    return .entry(entry)
  }

  private static let members: SQLText = """
    SELECT jsonb_typeof(j), jsonb_typeof(j -> 'crypto'), j ->> 'crypto',
      jsonb_typeof(coalesce(j -> 'group', j -> 'crypto_group')),
      coalesce(j ->> 'group', j ->> 'crypto_group'),
      (SELECT count(*) > 1 FROM json_object_keys(o) AS k WHERE k = 'crypto'),
      (SELECT count(*) > 1 FROM json_object_keys(o) AS k WHERE k IN ('group', 'crypto_group'))
    FROM (SELECT $1::text AS t) AS line
    CROSS JOIN LATERAL (SELECT t::jsonb AS j) AS value
    -- jsonb keeps the last of two equal keys; json keeps both.
    CROSS JOIN LATERAL (SELECT CASE WHEN jsonb_typeof(j) = 'object' THEN t::json ELSE '{}' END AS o) AS keys
    """

  private static let list: SQLText =
    "SELECT u.crypto, u.crypto_group FROM corrparse.universe AS u ORDER BY u.crypto_group, u.crypto"

  private static let view: SQLText =
    "SELECT u.crypto, u.crypto_group FROM diagnostics.universe_v1 AS u ORDER BY u.crypto_group, u.crypto"

  private static let beginReading: SQLText =
    "BEGIN READ ONLY; SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL statement_timeout = '5min'"

  /// Two who change the universe come one after the other; who reads does not wait.
  private static let begin: SQLText = """
    BEGIN;
    SET LOCAL search_path = pg_catalog, pg_temp;
    SET LOCAL lock_timeout = '60s';
    SET LOCAL statement_timeout = '5min';
    LOCK TABLE corrparse.universe IN SHARE ROW EXCLUSIVE MODE
    """

  private static let deletion: SQLText = """
    DELETE FROM corrparse.universe AS u
    USING jsonb_to_recordset($1::jsonb) AS d (crypto text, crypto_group text)
    WHERE u.crypto = d.crypto AND d.crypto_group IS NULL
    """

  private static let upsert: SQLText = """
    INSERT INTO corrparse.universe AS u (crypto, crypto_group)
    SELECT d.crypto, d.crypto_group FROM jsonb_to_recordset($1::jsonb) AS d (crypto text, crypto_group text)
    WHERE d.crypto_group IS NOT NULL
    ON CONFLICT (crypto) DO UPDATE SET crypto_group = excluded.crypto_group
    """
}
