/// One code of one taxonomy version, for the reference table behind `diagnostics.taxonomy_v1`.
public struct TaxonomyRow: Sendable, Hashable {
  /// The code, as in verdicts.
  public let code: String
  /// The taxonomy version that the row belongs to.
  public let taxonomyVersion: Int
  /// ml, execution, infra or run.
  public let layer: String
  /// P0 … P3 or none; the most severe one where it depends.
  public let severity: String
  /// When the code triggers, with its thresholds.
  public let condition: String
  /// What the code means.
  public let meaning: String
  /// What to do next; may be empty.
  public let nextStep: String
  /// The place in the table's order, from 1.
  public let position: Int

  /// A row from its parts.
  public init(
    code: String, taxonomyVersion: Int, layer: String, severity: String, condition: String, meaning: String,
    nextStep: String, position: Int
  ) {
    self.code = code
    self.taxonomyVersion = taxonomyVersion
    self.layer = layer
    self.severity = severity
    self.condition = condition
    self.meaning = meaning
    self.nextStep = nextStep
    self.position = position
  }
}

/// What the reference table is filled with.
public struct TaxonomyReference: Sendable, Hashable {
  /// The codes of every version that the program knows.
  public let rows: [TaxonomyRow]
  /// The version that the views are to show.
  public let currentVersion: Int

  /// Rows, and which version is current.
  public init(rows: [TaxonomyRow], currentVersion: Int) {
    self.rows = rows
    self.currentVersion = currentVersion
  }

  /// The rows as a JSON array of objects, for one parameter.
  var json: String {
    var text = JSONText()
    text.array(rows) { text, row in
      text.object([
        ("code", .text(row.code)), ("taxonomy_version", .integer(Int64(row.taxonomyVersion))),
        ("layer", .text(row.layer)), ("severity", .text(row.severity)), ("condition", .text(row.condition)),
        ("meaning", .text(row.meaning)), ("next_step", .text(row.nextStep)),
        ("position", .integer(Int64(row.position))),
      ])
    }
    return text.string
  }
}

extension TaxonomyReference {
  /// Codes that a version no longer has go; other versions stay as they are, since old verdicts refer to them.
  static let deletion: SQLText = """
    DELETE FROM corrparse.taxonomy AS t
    WHERE t.taxonomy_version IN (
        SELECT d.taxonomy_version FROM jsonb_to_recordset($1::jsonb) AS d (taxonomy_version bigint))
      AND NOT EXISTS (
        SELECT FROM jsonb_to_recordset($1::jsonb) AS d (taxonomy_version bigint, code text)
        WHERE d.taxonomy_version = t.taxonomy_version AND d.code = t.code)
    """

  static let upsert: SQLText = """
    INSERT INTO corrparse.taxonomy AS t
      (taxonomy_version, code, layer, severity, condition, meaning, next_step, position)
    SELECT taxonomy_version, code, layer, severity, condition, meaning, next_step, position
    FROM jsonb_to_recordset($1::jsonb) AS d (
      taxonomy_version bigint, code text, layer text, severity text, condition text, meaning text,
      next_step text, position bigint)
    ON CONFLICT (taxonomy_version, code) DO UPDATE SET
      layer = excluded.layer, severity = excluded.severity, condition = excluded.condition,
      meaning = excluded.meaning, next_step = excluded.next_step, position = excluded.position
    WHERE (t.layer, t.severity, t.condition, t.meaning, t.next_step, t.position) IS DISTINCT FROM
      (excluded.layer, excluded.severity, excluded.condition, excluded.meaning, excluded.next_step,
       excluded.position)
    """

  /// Never back to an earlier version: an older program may migrate, too.
  static let currentUpsert: SQLText = """
    INSERT INTO corrparse.current_taxonomy AS c (taxonomy_version) VALUES ($1::bigint)
    ON CONFLICT (is_singleton) DO UPDATE SET taxonomy_version = excluded.taxonomy_version
    WHERE c.taxonomy_version < excluded.taxonomy_version
    """

  /// Whether the table already says what the parameters say.
  static let comparison: SQLText = """
    SELECT NOT EXISTS (
        SELECT taxonomy_version, code, layer, severity, condition, meaning, next_step, position
        FROM jsonb_to_recordset($1::jsonb) AS d (
          taxonomy_version bigint, code text, layer text, severity text, condition text, meaning text,
          next_step text, position bigint)
        EXCEPT
        SELECT taxonomy_version, code, layer, severity, condition, meaning, next_step, position
        FROM corrparse.taxonomy)
      AND NOT EXISTS (
        SELECT taxonomy_version, code FROM corrparse.taxonomy
        WHERE taxonomy_version IN (
          SELECT d.taxonomy_version FROM jsonb_to_recordset($1::jsonb) AS d (taxonomy_version bigint))
        EXCEPT
        SELECT d.taxonomy_version, d.code
        FROM jsonb_to_recordset($1::jsonb) AS d (taxonomy_version bigint, code text))
      AND EXISTS (SELECT FROM corrparse.current_taxonomy WHERE taxonomy_version >= $2::bigint) AS is_same
    """
}
