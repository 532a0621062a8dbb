public import Diagnosis
import LogModel

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

/// What the reference tables are filled with: codes, golden signals with their bounds, conditions and settings.
public struct TaxonomyReference: Sendable {
  /// The version that the views are to show.
  public let currentVersion: Int
  /// The tables, each with its rows as a JSON array of objects, for one parameter.
  let tables: [(table: ReferenceTable, rows: String)]

  /// Codes alone, and which version is current.
  init(rows: [TaxonomyRow], currentVersion: Int) {
    self.init(codes: rows, of: [], currentVersion: currentVersion)
  }

  /// Everything that these versions say.
  ///
  /// - Parameters:
  ///   - taxonomies: Every version that the program knows.
  ///   - currentVersion: The version that the views are to show, unless the database is further.
  public init(_ taxonomies: [Taxonomy], currentVersion: Int = Taxonomy.current.version) {
    let codes = taxonomies.flatMap { taxonomy in
      taxonomy.rules.enumerated().map { index, rule in
        TaxonomyRow(
          code: rule.code.rawValue, taxonomyVersion: taxonomy.version, layer: rule.layer.rawValue,
          severity: rule.severity.text, condition: rule.condition.text, meaning: rule.meaning,
          nextStep: rule.nextStep, position: index + 1)
      }
    }
    self.init(codes: codes, of: taxonomies, currentVersion: currentVersion)
  }

  private init(codes: [TaxonomyRow], of taxonomies: [Taxonomy], currentVersion: Int) {
    self.currentVersion = currentVersion
    tables = [
      (.codes, Self.json(codes)), (.signals, Self.signals(taxonomies)), (.bounds, Self.bounds(taxonomies)),
      (.conditions, Self.conditions(taxonomies)), (.settings, Self.settings(taxonomies)),
      (.playbooks, Self.playbooks(taxonomies)), (.exitBounds, Self.exitBounds(taxonomies)),
      (.rerunSettings, Self.rerunSettings(taxonomies)),
    ]
  }

  private static func json(_ rows: [TaxonomyRow]) -> String {
    JSONWriter.text(.dropped) { json in
      json.beginArray()
      for row in rows {
        json.beginObject()
        json.member("code", row.code)
        json.member("taxonomy_version", row.taxonomyVersion)
        json.member("layer", row.layer)
        json.member("severity", row.severity)
        json.member("condition", row.condition)
        json.member("meaning", row.meaning)
        json.member("next_step", row.nextStep)
        json.member("position", row.position)
        json.endObject()
      }
      json.endArray()
    }
  }

  private static func signals(_ taxonomies: [Taxonomy]) -> String {
    rows(taxonomies, \.signals) { json, signal, position in
      json.member("signal", signal.name)
      json.member("scope", signal.scope.rawValue)
      json.member("unit", signal.unit)
      json.member("meaning", signal.meaning)
      json.member("position", position)
    }
  }

  private static func bounds(_ taxonomies: [Taxonomy]) -> String {
    let all = { (taxonomy: Taxonomy) in
      taxonomy.signals.flatMap { signal in signal.bounds.map { (signal, $0) } }
    }
    return rows(taxonomies, all) { json, pair, _ in
      json.member("signal", pair.0.name)
      json.member("input", pair.1.input)
      json.member("status", pair.1.status.rawValue)
      json.member("comparison", pair.1.comparison.rawValue)
      json.member("bound", pair.1.value.description)
    }
  }

  private static func conditions(_ taxonomies: [Taxonomy]) -> String {
    rows(taxonomies, \.conditions) { json, condition, position in
      json.member("condition", condition.name)
      json.member("contributes", condition.contributes.rawValue)
      json.member("meaning", condition.meaning)
      json.member("position", position)
    }
  }

  private static func settings(_ taxonomies: [Taxonomy]) -> String {
    rows(taxonomies, \.settings) { json, setting, _ in
      json.member("name", setting.name)
      json.member("value", setting.value)
      json.member("meaning", setting.meaning)
    }
  }

  /// One row for each code that has a section in the manual or a playbook with figures.
  private static func playbooks(_ taxonomies: [Taxonomy]) -> String {
    let all = { (taxonomy: Taxonomy) in
      taxonomy.rules.map { ($0, taxonomy.playbook(of: $0.code)) }.filter {
        $0.0.playbook != nil || $0.1 != nil
      }
    }
    return rows(taxonomies, all) { json, pair, _ in
      json.member("code", pair.0.code.rawValue)
      json.member("section", pair.0.playbook)
      json.member("exit_criterion", pair.1?.exitText)
      json.member("escalate_to", pair.1?.escalation)
    }
  }

  private static func exitBounds(_ taxonomies: [Taxonomy]) -> String {
    let all = { (taxonomy: Taxonomy) in
      taxonomy.playbooks.flatMap { playbook in playbook.exit.map { (playbook.code, $0) } }
    }
    return rows(taxonomies, all) { json, pair, _ in
      json.member("code", pair.0.rawValue)
      json.member("input", pair.1.input)
      json.member("comparison", pair.1.comparison.rawValue)
      json.member("bound", pair.1.value.description)
    }
  }

  private static func rerunSettings(_ taxonomies: [Taxonomy]) -> String {
    let all = { (taxonomy: Taxonomy) in
      taxonomy.playbooks.flatMap { playbook in playbook.rerun.map { (playbook.code, $0) } }
    }
    return rows(taxonomies, all) { json, pair, _ in
      json.member("code", pair.0.rawValue)
      json.member("finding", pair.1.finding?.rawValue ?? "")
      json.member("parameter", pair.1.parameter)
      json.member("value", pair.1.value)
      json.member("longer", pair.1.longer)
    }
  }

  /// A row for each element of each version, with its place from 1.
  private static func rows<Element>(
    _ taxonomies: [Taxonomy], _ elements: (Taxonomy) -> [Element],
    _ members: (inout JSONWriter, Element, Int) -> Void
  ) -> String {
    JSONWriter.text(.dropped) { json in
      json.beginArray()
      for taxonomy in taxonomies {
        for (index, element) in elements(taxonomy).enumerated() {
          json.beginObject()
          json.member("taxonomy_version", taxonomy.version)
          members(&json, element, index + 1)
          json.endObject()
        }
      }
      json.endArray()
    }
  }

  /// Never back to an earlier version: an older program may migrate, too.
  static let currentUpsert: SQLText = """
    INSERT INTO corrparse.current_taxonomy AS c (taxonomy_version) VALUES ($1::bigint)
    ON CONFLICT (is_singleton) DO UPDATE SET taxonomy_version = excluded.taxonomy_version
    WHERE c.taxonomy_version < excluded.taxonomy_version
    """

  static let currentComparison: SQLText = """
    SELECT EXISTS (SELECT FROM corrparse.current_taxonomy WHERE taxonomy_version >= $1::bigint) AS is_same
    """
}
