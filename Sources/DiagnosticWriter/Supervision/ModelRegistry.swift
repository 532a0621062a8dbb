public import LogModel

/// The observations of model registries. Each is stored whole or not at all; rows stand for as long as nothing of them changes.
public struct ModelRegistry {
  private let connection: Connection

  /// Over an open connection, not within a transaction.
  public init(_ connection: Connection) {
    self.connection = connection
  }

  /// Stores an observation that depends on the earlier ones. Observers that come at once wait for each other.
  ///
  /// - Parameters:
  ///   - origin: The server.
  ///   - time: When the observation was made.
  ///   - isDryRun: Whether to store nothing.
  ///   - observe: Makes the observation, of that server and time, from what is known before it.
  /// - Returns: The observation; nil where one of that server is there that is not earlier, and then nothing is stored.
  /// - Throws: What stopped it, with nothing stored.
  public func store(
    origin: String, at time: LogTime, isDryRun: Bool = false,
    _ observe: (ModelMemory) -> ModelObservation
  ) throws(DatabaseError) -> ModelObservation? {
    do {
      try connection.run(isDryRun ? Self.beginReading : Self.begin)
      let earlier = try connection.query(Self.latest, [origin])
      if let latest = earlier.integer(0, 0), latest >= time.microseconds {
        try connection.rollback()
        return nil
      }
      var memory = try memory(origin)
      memory.previousBeganAt = earlier.integer(0, 1).map { LogTime(microseconds: $0) }
      let observation = observe(memory)
      if !isDryRun {
        try connection.query(Self.header, [Self.json(header: observation)])
        try connection.query(Self.models, [origin, time.sqlText, Self.json(models: observation.models)])
        try connection.query(
          Self.versions, [origin, time.sqlText, Self.json(versions: observation.versions)])
      }
      try connection.commit()
      return observation
    } catch {
      try? connection.rollback()
      throw error
    }
  }

  private func memory(_ origin: String) throws(DatabaseError) -> ModelMemory {
    var memory = ModelMemory()
    let cryptos = try connection.query(Self.cryptos)
    memory.cryptos = Set((0..<cryptos.rowCount).compactMap { cryptos.text($0, 0) })
    let champions = try connection.query(Self.champions, [origin])
    memory.champions = (0..<champions.rowCount).map { row in
      func time(_ column: Int) -> LogTime? {
        champions.integer(row, column).map { LogTime(microseconds: $0) }
      }
      return PastChampion(
        ModelVersionIdentity(
          model: champions.text(row, 0) ?? "", version: champions.integer(row, 1) ?? 0, createdAt: time(2)),
        modelCreatedAt: time(3), lastSeenAt: time(4) ?? LogTime(microseconds: .min),
        isStanding: champions.boolean(row, 5) == true, since: time(6), sinceEarliest: time(7))
    }
    let doubtful = try connection.query(Self.doubtful, [origin])
    memory.doubtful = Set(
      (0..<doubtful.rowCount).map { row in
        ModelVersionIdentity(
          model: doubtful.text(row, 0) ?? "", version: doubtful.integer(row, 1) ?? 0,
          createdAt: doubtful.integer(row, 2).map { LogTime(microseconds: $0) })
      })
    return memory
  }
}

extension ModelRegistry {
  private static func json(header: ModelObservation) -> String {
    JSONWriter.text(.dropped) { json in
      json.beginObject()
      json.member("origin", header.origin)
      json.member("observed_at", header.observedAt.sqlText)
      json.member("began_at", header.beganAt.sqlText)
      json.member("models", header.models.count)
      json.member("versions", header.versions.count)
      json.member("warnings", header.warnings)
      json.member("link_url", header.linkURL)
      json.endObject()
    }
  }

  private static func json(models: [ObservedModel]) -> String {
    JSONWriter.text(.dropped) { json in
      json.beginArray()
      for model in models {
        json.beginObject()
        json.member("model", model.name)
        json.member("created_at", model.createdAt?.sqlText)
        json.member("cryptos", model.cryptos)
        json.member("doubt", model.doubt)
        json.endObject()
      }
      json.endArray()
    }
  }

  private static func json(versions: [ObservedModelVersion]) -> String {
    JSONWriter.text(.dropped) { json in
      json.beginArray()
      for version in versions {
        json.beginObject()
        json.member("model", version.identity.model)
        json.member("version", version.identity.version)
        json.member("created_at", version.identity.createdAt?.sqlText)
        json.member("crypto", version.crypto)
        json.member("role", version.role?.rawValue)
        json.member("reason", version.reason)
        json.member("champion_since", version.championSince?.sqlText)
        json.member("champion_since_earliest", version.championSinceEarliest?.sqlText)
        json.member("stage", version.stage)
        json.member("aliases", version.aliases)
        json.member("status", version.status)
        json.member("run_id", version.runID)
        json.member("link_path", version.linkPath)
        json.endObject()
      }
      json.endArray()
    }
  }
}

extension ModelRegistry {
  private static let beginReading: SQLText = """
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
    SET LOCAL search_path = pg_catalog, pg_temp;
    SET LOCAL statement_timeout = '5min'
    """

  /// Who reads does not wait.
  private static let begin: SQLText = """
    BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL search_path = pg_catalog, pg_temp;
    SET LOCAL lock_timeout = '60s';
    SET LOCAL statement_timeout = '5min';
    LOCK TABLE corrparse.model_observation IN SHARE ROW EXCLUSIVE MODE
    """

  private static let latest: SQLText = """
    SELECT (extract(epoch FROM o.observed_at) * 1000000)::bigint, (extract(epoch FROM o.began_at) * 1000000)::bigint
    FROM corrparse.model_observation AS o
    WHERE o.origin = $1 ORDER BY o.observed_at DESC LIMIT 1
    """

  private static let cryptos: SQLText = "SELECT c.crypto FROM corrparse.crypto_at(now()) AS c"

  private static let champions: SQLText = """
    SELECT
      v.model, v.version, (extract(epoch FROM v.created_at) * 1000000)::bigint, (extract(epoch FROM m.created_at) * 1000000)::bigint,
      (extract(epoch FROM max(coalesce(v.gone_at, o.observed_at))) * 1000000)::bigint,
      bool_or(v.gone_at IS NULL AND v.origin = $1),
      (extract(epoch FROM max(v.champion_since) FILTER (WHERE v.gone_at IS NULL AND v.origin = $1)) * 1000000)::bigint,
      (extract(epoch FROM max(v.champion_since_earliest) FILTER (WHERE v.gone_at IS NULL AND v.origin = $1)) * 1000000)::bigint
    FROM corrparse.model_version AS v
    LEFT JOIN LATERAL (
      SELECT max(o.observed_at) AS observed_at FROM corrparse.model_observation AS o WHERE o.origin = v.origin
    ) AS o ON true
    LEFT JOIN LATERAL (
      SELECT m.created_at FROM corrparse.registered_model AS m
      WHERE m.origin = v.origin AND m.model = v.model AND m.seen_at <= v.seen_at
      ORDER BY m.seen_at DESC LIMIT 1
    ) AS m ON true
    WHERE v.role = 'champion'
    GROUP BY v.model, v.version, v.created_at, m.created_at
    """

  private static let doubtful: SQLText = """
    SELECT v.model, v.version, (extract(epoch FROM v.created_at) * 1000000)::bigint
    FROM corrparse.model_version AS v
    WHERE v.origin = $1 AND v.gone_at IS NULL AND v.role IS NULL
    """

  private static let header: SQLText = """
    INSERT INTO corrparse.model_observation (origin, observed_at, began_at, models, versions, warnings, link_url)
    SELECT h.origin, h.observed_at, h.began_at, h.models, h.versions, h.warnings, h.link_url
    FROM jsonb_to_record($1::jsonb) AS h (
      origin text, observed_at timestamptz, began_at timestamptz, models bigint, versions bigint, warnings text[], link_url text)
    """

  /// What is no longer seen so goes, and what is new or other comes.
  private static let models: SQLText = """
    WITH given AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset($3::jsonb) AS g (model text, created_at timestamptz, cryptos text[], doubt text)
    ),
    same AS MATERIALIZED (
      SELECT t.model
      FROM corrparse.registered_model AS t
      JOIN given AS g ON g.model = t.model
      WHERE t.origin = $1 AND t.gone_at IS NULL
        AND (g.created_at, g.cryptos, g.doubt) IS NOT DISTINCT FROM (t.created_at, t.cryptos, t.doubt)
    ),
    gone AS (
      UPDATE corrparse.registered_model AS t SET gone_at = $2::timestamptz
      WHERE t.origin = $1 AND t.gone_at IS NULL AND t.model NOT IN (SELECT s.model FROM same AS s)
    )
    INSERT INTO corrparse.registered_model (origin, model, seen_at, created_at, cryptos, doubt)
    SELECT $1, g.model, $2::timestamptz, g.created_at, g.cryptos, g.doubt
    FROM given AS g
    WHERE g.model NOT IN (SELECT s.model FROM same AS s)
    """

  private static let versions: SQLText = """
    WITH given AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset($3::jsonb) AS g (
        model text, version bigint, created_at timestamptz, crypto text, role text, reason text, champion_since timestamptz,
        champion_since_earliest timestamptz, stage text, aliases text[], status text, run_id text, link_path text)
    ),
    same AS MATERIALIZED (
      SELECT t.model, t.version
      FROM corrparse.model_version AS t
      JOIN given AS g ON g.model = t.model AND g.version = t.version
      WHERE t.origin = $1 AND t.gone_at IS NULL
        AND (
          g.created_at, g.crypto, g.role, g.reason, g.champion_since, g.champion_since_earliest, g.stage, g.aliases, g.status, g.run_id,
          g.link_path
        ) IS NOT DISTINCT FROM (
          t.created_at, t.crypto, t.role, t.reason, t.champion_since, t.champion_since_earliest, t.stage, t.aliases, t.status, t.run_id,
          t.link_path)
    ),
    gone AS (
      UPDATE corrparse.model_version AS t SET gone_at = $2::timestamptz
      WHERE t.origin = $1 AND t.gone_at IS NULL AND (t.model, t.version) NOT IN (SELECT s.model, s.version FROM same AS s)
    )
    INSERT INTO corrparse.model_version (
      origin, model, version, seen_at, created_at, crypto, role, reason, champion_since, champion_since_earliest, stage, aliases, status,
      run_id, link_path)
    SELECT
      $1, g.model, g.version, $2::timestamptz, g.created_at, g.crypto, g.role, g.reason, g.champion_since, g.champion_since_earliest,
      g.stage, g.aliases, g.status, g.run_id, g.link_path
    FROM given AS g
    WHERE (g.model, g.version) NOT IN (SELECT s.model, s.version FROM same AS s)
    """
}
