/// One statement that gives one table the desired rows of the staged sources. Rows that are right already are not written: a second,
/// identical load changes no row.
struct TableMerge {
  let table: SQLText
  let key: [SQLText]
  /// The columns that are compared and updated.
  let columns: [SQLText]
  /// Columns of the desired rows that `changed` returns besides the key, for `furtherSteps`.
  var alsoReturned: [SQLText] = []
  /// Which staged logs the table is made to follow.
  var scope: SQLText = "l.feeds"
  /// A query that gives key and columns.
  let desired: SQLText
  var deletesGone = true
  var hasUpdateTime = false
  /// More of the `WITH` list, beginning with a comma; may use `changed`.
  var furtherSteps: SQLText = ""

  /// Answers one row: how many rows were inserted, updated, deleted.
  var sql: SQLText {
    // The list of sources is found first and leads into the table's index; as a join it would let the planner, who
    // knows the size of no single source, compare each stored row with each staged one.
    let isOfSource: SQLText =
      "t.source_id = ANY (ARRAY(SELECT l.source_id FROM pg_temp.staged_log AS l WHERE " + scope + "))"
    let isSame: SQLText =
      isOfSource + " AND " + key.map { "t." + $0 + " = d." + $0 }.joined(separator: " AND ")
    let updateTime: SQLText = hasUpdateTime ? ", updated_at = now()" : ""
    let gone: SQLText =
      deletesGone
      ? ",\ngone AS (\nDELETE FROM " + table + " AS t WHERE " + isOfSource
        + "\nAND NOT EXISTS (SELECT FROM desired AS d WHERE " + isSame
        + ")\nRETURNING 1)"
      : ""
    let deleted: SQLText = deletesGone ? "(SELECT count(*) FROM gone)" : "0"
    return "WITH desired AS NOT MATERIALIZED (\n" + desired + "\n)" + gone
      + ",\nchanged AS (\nUPDATE " + table + " AS t SET "
      + columns.map { $0 + " = d." + $0 }.joined() + updateTime
      + "\nFROM desired AS d WHERE " + isSame
      + "\nAND (" + columns.map { "t." + $0 }.joined() + ") IS DISTINCT FROM ("
      + columns.map { "d." + $0 }.joined() + ")\nRETURNING "
      + (key.map { "t." + $0 } + alsoReturned.map { "d." + $0 }).joined()
      + "),\nadded AS (\nINSERT INTO " + table + " (" + (key + columns).joined() + ")\nSELECT "
      + (key + columns).map { "d." + $0 }.joined() + " FROM desired AS d\nWHERE NOT EXISTS (SELECT FROM "
      + table + " AS t WHERE " + isSame + ")\nORDER BY " + key.map { "d." + $0 }.joined() + "\nRETURNING 1)"
      + furtherSteps
      + "\nSELECT (SELECT count(*) FROM added) AS inserted, (SELECT count(*) FROM changed) AS updated, "
      + deleted + " AS deleted"
  }
}
