/// One step of the schema, compiled in from `schema/migrations/vNNNN_name.sql` (4-database, Migrations).
public struct Migration: Sendable, Hashable {
  /// The place in the order of application, from 1 without gaps.
  public let version: Int
  /// The file's name without its ending: `v0001_tables`.
  public let name: String
  /// The SQL, run as one transaction or in ``steps``.
  public let text: String

  init(version: Int, name: String, bytes: [UInt8]) {
    self.version = version
    self.name = name
    text = String(decoding: bytes, as: UTF8.self)
  }

  /// Every step that this program knows. SwiftPM lists no resources at run time, hence by hand; a test compares the
  /// list with the folder.
  public static let all: [Migration] = [
    Migration(version: 1, name: "v0001_tables", bytes: PackageResources.v0001_tables_sql),
    Migration(version: 2, name: "v0002_views", bytes: PackageResources.v0002_views_sql),
    Migration(version: 3, name: "v0003_roles", bytes: PackageResources.v0003_roles_sql),
    Migration(version: 4, name: "v0004_runs", bytes: PackageResources.v0004_runs_sql),
    Migration(version: 5, name: "v0005_signals", bytes: PackageResources.v0005_signals_sql),
    Migration(version: 6, name: "v0006_best_strategy", bytes: PackageResources.v0006_best_strategy_sql),
    Migration(version: 7, name: "v0007_stored_diagnosis", bytes: PackageResources.v0007_stored_diagnosis_sql),
    Migration(version: 8, name: "v0008_entity_tag", bytes: PackageResources.v0008_entity_tag_sql),
    Migration(version: 9, name: "v0009_latest_runs", bytes: PackageResources.v0009_latest_runs_sql),
    Migration(
      version: 10, name: "v0010_without_statistics", bytes: PackageResources.v0010_without_statistics_sql),
    Migration(version: 11, name: "v0011_known_counts", bytes: PackageResources.v0011_known_counts_sql),
    Migration(version: 12, name: "v0012_stated_once", bytes: PackageResources.v0012_stated_once_sql),
    Migration(version: 13, name: "v0013_known_state", bytes: PackageResources.v0013_known_state_sql),
    Migration(version: 14, name: "v0014_source_head", bytes: PackageResources.v0014_source_head_sql),
    Migration(version: 15, name: "v0015_passed_over", bytes: PackageResources.v0015_passed_over_sql),
    Migration(version: 16, name: "v0016_head_digests", bytes: PackageResources.v0016_head_digests_sql),
    Migration(version: 17, name: "v0017_model_registry", bytes: PackageResources.v0017_model_registry_sql),
    Migration(
      version: 18, name: "v0018_bytewise_identifiers", bytes: PackageResources.v0018_bytewise_identifiers_sql),
    Migration(version: 19, name: "v0019_next_step", bytes: PackageResources.v0019_next_step_sql),
    Migration(version: 20, name: "v0020_issue_places", bytes: PackageResources.v0020_issue_places_sql),
    Migration(
      version: 21, name: "v0021_condition_subjects", bytes: PackageResources.v0021_condition_subjects_sql),
  ]
}

extension Migration: CustomStringConvertible {
  /// The step's name.
  public var description: String { name }
}
