public import Diagnosis
import LogModel

/// What somebody asks of a list in the database.
public struct StoredQuestion: Sendable {
  /// Which verdicts; lists of other things use what they have of it.
  public var verdict = VerdictQuestion()
  /// Words of the list's own: states of runs, statuses of logs, kinds of issues.
  public var words: [String] = []
  /// The keys that issues are about.
  public var keys: [String] = []
  /// Whether verdicts of earlier attempts count, and of runs the rows of each crypto.
  public var isWide = false
  /// By which of the list's names to sort, and whether the greatest come first; nil: the list's own order.
  public var sort: (key: String, isDescending: Bool)?
  /// How many rows at most.
  public var top: Int?

  /// Asks for everything.
  public init() {}
}

/// A list that the database can be asked for: a view, its values by name, and how a question narrows it.
public struct StoredList: Sendable {
  /// What a value is.
  public enum Kind: Sendable {
    case text, number, time, json, words
  }

  /// A value of each row.
  public struct Value: Sendable {
    /// The name, as in the view.
    public let name: String
    /// What the value is.
    public let kind: Kind
    let sql: SQLText
    /// Of a time the column, which an index may have in order; nil of other values.
    var column: SQLText?

    static func text(_ name: SQLText) -> Value { Value(name: name.text, kind: .text, sql: "v." + name) }
    static func number(_ name: SQLText) -> Value { Value(name: name.text, kind: .number, sql: "v." + name) }
    static func flag(_ name: SQLText) -> Value {
      Value(name: name.text, kind: .number, sql: "v." + name + "::text")
    }
    static func time(_ name: SQLText) -> Value {
      Value(
        name: name.text, kind: .time, sql: "(extract(epoch FROM v." + name + ") * 1000000)::bigint",
        column: "v." + name)
    }
    static func json(_ name: SQLText) -> Value { Value(name: name.text, kind: .json, sql: "v." + name) }
    static func words(_ name: SQLText) -> Value {
      Value(name: name.text, kind: .words, sql: "array_to_string(v." + name + ", ' ')")
    }
  }

  /// What a row is, in the singular.
  public let noun: String
  /// The values of each row, in the order of the formats that programs read.
  public let values: [Value]
  /// The names by which rows are sorted.
  public var sortKeys: [String] { values.filter { $0.kind != .json && $0.kind != .words }.map(\.name) }
  /// The time that a window is of.
  var time: (sql: SQLText, column: SQLText)? {
    values.lazy.compactMap { value in value.column.map { (value.sql, $0) } }.first
  }
  /// By what rows are counted: the kind, and the value.
  public let groups: [Value]
  /// The places of the groups in the list of what is selected.
  let groupPlaces: SQLText
  let view: SQLText
  /// Which rows a question is about; its parameters are those of ``parameters``.
  let condition: SQLText
  /// The parameter behind those of the condition, which has the most rows.
  let limit: SQLText
  let parameters: @Sendable (StoredQuestion) -> [String?]
  /// The order where the question has none, and among equals.
  let order: SQLText

  /// The expression and order of a sort key.
  func ordering(_ sort: (key: String, isDescending: Bool)?) -> SQLText {
    guard let sort, let value = values.first(where: { $0.name == sort.key }) else { return order }
    let collation: SQLText = value.kind == .text ? " COLLATE \"C\"" : ""
    let direction: SQLText = sort.isDescending ? " DESC" : ""
    return value.sql + collation + direction + " NULLS LAST, " + order
  }
}

/// One row of a list.
public struct StoredRow: Sendable {
  private let places: [String: Int]
  private let texts: [String?]

  init(places: [String: Int], texts: [String?]) {
    self.places = places
    self.texts = texts
  }

  /// The text of a value; a time as ISO 8601 in UTC. Nil where it is NULL or the list has none of that name.
  public func text(_ name: String) -> String? {
    places[name].flatMap { texts[$0] }
  }
}

extension [String] {
  /// The text of a PostgreSQL array; nil for an empty one, which asks for everything.
  var arrayText: String? {
    guard !isEmpty else { return nil }
    let elements = map { element in
      "\"" + element.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
    return "{" + elements.joined(separator: ",") + "}"
  }
}
