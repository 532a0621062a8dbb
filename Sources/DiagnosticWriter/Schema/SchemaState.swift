public import LogModel

/// One row of the migration ledger.
public struct AppliedMigration: Sendable, Hashable {
  /// The step's version.
  public let version: Int
  /// The step's name.
  public let name: String
  /// When it was applied.
  public let appliedAt: LogTime
  /// The version of the program that applied it.
  public let programVersion: String
  /// Whether this program holds the step with the same name and text.
  public let isUnchanged: Bool
  /// A table that the step made and that is gone; nil where all are there, and where this program does not hold the step.
  public let missingTable: String?
}

/// How the database's schema relates to the migrations that the program knows.
public enum SchemaState: Sendable, Hashable {
  /// Every step is applied, and no other.
  case current
  /// These steps are still to be applied, in this order; all of them when nothing is installed.
  case behind([Migration])
  /// The database was migrated by a newer program.
  case newer(AppliedMigration, known: Int)
  /// An applied step has another name or text than the program's.
  case edited(AppliedMigration)
  /// A step is missing in the ledger though a later one is there.
  case missing(Migration, before: AppliedMigration)
  /// A table of an applied step is gone.
  case incomplete(AppliedMigration, table: String)

  /// Compares a ledger, in order of version, with the program's steps.
  init(applied: [AppliedMigration], known: [Migration]) {
    let versions = Set(applied.map(\.version))
    if let last = applied.last, last.version > known.count {
      self = .newer(last, known: known.count)
    } else if let edited = applied.first(where: { !$0.isUnchanged }) {
      self = .edited(edited)
    } else if let last = applied.last,
      let missing = known.first(where: { $0.version < last.version && !versions.contains($0.version) })
    {
      self = .missing(missing, before: last)
    } else {
      let pending = known.filter { !versions.contains($0.version) }
      if let step = applied.first(where: { $0.missingTable != nil }), let table = step.missingTable {
        self = .incomplete(step, table: table)
      } else {
        self = pending.isEmpty ? .current : .behind(pending)
      }
    }
  }

  /// Why the program must not write to such a schema, with what to do; nil when it is current.
  public var obstacle: DatabaseError? {
    switch self {
    case .current: nil
    case .behind(let pending):
      DatabaseError(
        .configuration,
        message: "the schema lacks \(Self.shown(pending.map(\.name)))",
        advice: "run corrparse migrate up")
    default: conflict
    }
  }

  /// The names of migrations in their order; of many their number, the first and the last.
  private static func shown(_ names: [String]) -> String {
    guard names.count > 3, let first = names.first, let last = names.last else {
      return names.joined(separator: ", ")
    }
    return "\(names.count) migrations, \(first) to \(last)"
  }

  /// Why migrating is refused, with what to do; nil when nothing stands against it.
  public var conflict: DatabaseError? {
    switch self {
    case .current, .behind: nil
    case .newer(let last, let known):
      DatabaseError(
        .configuration,
        message: "the database is at \(last.name), applied by corrparse \(last.programVersion), "
          + "and this program knows the schema up to version \(known)",
        advice: "use corrparse \(last.programVersion) or later")
    case .edited(let step):
      DatabaseError(
        .configuration,
        message: "\(step.name) was applied on \(step.appliedAt) by corrparse \(step.programVersion) "
          + "with another name or text than this program's step \(step.version)",
        advice:
          "this database was migrated by another build: use that one, or restore a backup of the database; who has edited the "
          + "file of an applied one puts the change into a new migration")
    case .missing(let step, let last):
      DatabaseError(
        .configuration,
        message: "\(step.name) was never applied though \(last.name) was",
        advice:
          "this database was migrated by another build: use that one, or restore the table corrparse.migration from a backup; who "
          + "adds a migration gives it a number after \(last.version)")
    case .incomplete(let step, let table):
      DatabaseError(
        .configuration,
        message: "the table corrparse.\(table) is gone, which \(step.name) made on \(step.appliedAt)",
        advice:
          "restore it from a backup; or drop the schemas corrparse and diagnostics, run corrparse migrate up and read "
          + "the logs again")
    }
  }
}
