internal import CMigrations

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

  /// Every step that this program knows, in the order of application. `Sources/CMigrations/migrations.c` has the list.
  public static let all: [Migration] = (0..<corrparse_migration_count()).map { index in
    let step = unsafe corrparse_migration_at(index)
    let text = unsafe Array(UnsafeBufferPointer(start: step.text, count: step.length))
    return unsafe Migration(version: index + 1, name: String(cString: step.name), bytes: text)
  }
}

extension Migration: CustomStringConvertible {
  /// The step's name.
  public var description: String { name }
}
