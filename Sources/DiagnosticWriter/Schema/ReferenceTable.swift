/// A table that `migrate` fills from the program's taxonomies: each row belongs to a taxonomy version, and `key` tells the
/// rows of a version apart.
struct ReferenceTable: Sendable {
  let name: SQLText
  let key: SQLText
  /// The other columns with their types; the key is text.
  let columns: [(name: SQLText, type: SQLText)]
  /// More columns of the key, all text.
  let furtherKey: [SQLText]
  /// The version of the migration that makes the table. A migrator of earlier migrations alone does not fill it.
  let since: Int

  init(
    _ name: SQLText, since: Int = 1, key: SQLText, and furtherKey: [SQLText] = [],
    columns: [(name: SQLText, type: SQLText)]
  ) {
    self.name = name
    self.since = since
    self.key = key
    self.columns = columns
    self.furtherKey = furtherKey
  }

  private var keys: [SQLText] { ["taxonomy_version", key] + furtherKey }
  private var names: [SQLText] { keys + columns.map(\.name) }

  /// The parameter's rows.
  private var desired: SQLText {
    let typed = [key] + furtherKey
    return "jsonb_to_recordset($1::jsonb) AS d (taxonomy_version bigint, "
      + (typed.map { $0 + " text" } + columns.map { $0.name + " " + $0.type }).joined() + ")"
  }

  /// The stored rows of the versions that the parameter is about.
  private var stored: SQLText {
    name + " AS t WHERE t.taxonomy_version IN (SELECT d.taxonomy_version FROM " + desired + ")"
  }

  /// Rows that a version no longer has go; other versions stay as they are, since old verdicts refer to them.
  var deletion: SQLText {
    "DELETE FROM " + stored + " AND NOT EXISTS (SELECT FROM " + desired + " WHERE "
      + keys.map { "d." + $0 + " = t." + $0 }.joined(separator: " AND ") + ")"
  }

  var upsert: SQLText {
    "INSERT INTO " + name + " AS t (" + names.joined() + ") SELECT " + names.map { "d." + $0 }.joined()
      + " FROM " + desired + " ON CONFLICT (" + keys.joined() + ") DO UPDATE SET "
      + columns.map { $0.name + " = excluded." + $0.name }.joined() + " WHERE ROW("
      + columns.map { "t." + $0.name }.joined() + ") IS DISTINCT FROM ROW("
      + columns.map { "excluded." + $0.name }.joined() + ")"
  }

  /// Whether the table already says what the parameter says.
  var comparison: SQLText {
    let columns = names.joined()
    return "SELECT NOT EXISTS (SELECT " + columns + " FROM " + desired + " EXCEPT SELECT " + columns
      + " FROM " + name
      + ") AND NOT EXISTS (SELECT " + columns + " FROM " + stored + " EXCEPT SELECT " + columns + " FROM "
      + desired
      + ") AS is_same"
  }
}

extension ReferenceTable {
  static let codes = ReferenceTable(
    "corrparse.taxonomy", key: "code",
    columns: [
      ("layer", "text"), ("severity", "text"), ("condition", "text"), ("meaning", "text"),
      ("next_step", "text"),
      ("position", "bigint"),
    ])

  static let signals = ReferenceTable(
    "corrparse.golden_signal", key: "signal",
    columns: [("scope", "text"), ("unit", "text"), ("meaning", "text"), ("position", "bigint")])

  static let bounds = ReferenceTable(
    "corrparse.signal_bound", key: "signal", and: ["input", "status"],
    columns: [("comparison", "text"), ("bound", "numeric")])

  static let conditions = ReferenceTable(
    "corrparse.state_condition", key: "condition",
    columns: [("contributes", "text"), ("meaning", "text"), ("position", "bigint")])

  static let settings = ReferenceTable(
    "corrparse.supervision_setting", key: "name", columns: [("value", "text"), ("meaning", "text")])

  static let playbooks = ReferenceTable(
    "corrparse.playbook", since: 19, key: "code",
    columns: [("section", "text"), ("exit_criterion", "text"), ("escalate_to", "text")])

  static let exitBounds = ReferenceTable(
    "corrparse.exit_bound", since: 19, key: "code", and: ["input"],
    columns: [("comparison", "text"), ("bound", "numeric")])

  static let rerunSettings = ReferenceTable(
    "corrparse.rerun_setting", since: 19, key: "code", and: ["finding", "parameter"],
    columns: [("value", "text"), ("longer", "bigint")])
}
