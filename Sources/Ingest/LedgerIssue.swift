/// An issue of a log of which only the ledger tells, because no reading of the log alone shows it. Raw values are part of the database's contract.
public enum LedgerIssue: String, CaseIterable, Sendable, Hashable {
  case contentConflict = "content_conflict"
  case shorterReread = "shorter_reread"
  case damagedReread = "damaged_reread"

  /// What an issue of this kind means.
  public var meaning: Meaning {
    switch self {
    case .contentConflict:
      Meaning(
        "two logs of one task attempt that begin differently: one is stored, the other is not",
        example: "(the same path in two environments below one log root)",
        cure: "keep one of the two under the log root; the next run of backfill then clears the other")
    case .shorterReread:
      Meaning(
        "a log that was complete and is shorter now: what was stored is kept",
        example: "(a log that was truncated after its task had ended)",
        cure: "restore the log, or leave it: nothing stored is lost")
    case .damagedReread:
      Meaning(
        "a log that was complete and is damaged now: what was stored is kept",
        example: "(an archive that was copied only in part)",
        cure: "restore the log, or leave it: nothing stored is lost")
    }
  }
}
