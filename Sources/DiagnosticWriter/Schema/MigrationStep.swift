/// One step of a migration. Most migrations have one, a transaction; those of large tables have more (4-database, Migrations).
///
/// A step begins with a line `-- STEP KIND: PURPOSE`, where the kind is `transaction`, `statement` or `index NAME`.
public struct MigrationStep: Sendable, Hashable {
  /// How a step is run, and what becomes of it when the program ends in the middle.
  enum Kind: Sendable, Hashable {
    /// All or nothing. Its locks are held until it ends.
    case transaction
    /// One statement outside of a transaction, which can be run again.
    case statement
    /// One `CREATE INDEX CONCURRENTLY` of this index of the schema corrparse; what a build left unfinished is dropped first.
    case index(String)
  }

  /// How it is run.
  let kind: Kind
  /// What it is for, for people; empty for the only step of a migration.
  public let purpose: String
  /// Its SQL.
  public let text: String

  /// Whether it is a transaction, whose locks others may wait for. The other kinds of step stop neither readers nor writers.
  public var isTransaction: Bool { kind == .transaction }

  fileprivate init(_ mark: MigrationStepMark?, _ lines: [Substring]) {
    kind = mark?.kind ?? .transaction
    purpose = mark?.purpose ?? ""
    text = lines.joined(separator: "\n")
  }
}

/// The line that a step begins with.
private struct MigrationStepMark {
  let kind: MigrationStep.Kind
  let purpose: String

  /// The mark in a line; nil where the line is none.
  init?(_ line: Substring) {
    let begin = "-- STEP "
    guard line.hasPrefix(begin), let colon = line.firstIndex(of: ":") else { return nil }
    let words = line[..<colon].dropFirst(begin.count).split(separator: " ")
    switch (words.first, words.count) {
    case ("transaction", 1): kind = .transaction
    case ("statement", 1): kind = .statement
    case ("index", 2) where words[1].utf8.allSatisfy(Self.isOfName): kind = .index(String(words[1]))
    default: return nil
    }
    purpose = String(line[colon...].dropFirst(2))
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

extension Migration {
  /// The steps in their order. What stands before the first mark belongs to the first step; without a mark all is one transaction.
  public var steps: [MigrationStep] {
    var steps: [MigrationStep] = []
    var mark: MigrationStepMark?
    var lines: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let next = MigrationStepMark(line) {
        if mark != nil {
          steps.append(MigrationStep(mark, lines + [""]))
          lines = []
        }
        mark = next
      }
      lines.append(line)
    }
    return steps + [MigrationStep(mark, lines)]
  }

  /// Whether it is one transaction as a whole.
  var isOneTransaction: Bool { steps.map(\.kind) == [.transaction] }
}
