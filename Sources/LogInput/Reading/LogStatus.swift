/// The state of a log after it was read (4-database, Ledger). Raw values are part of the contracts of NDJSON and the database.
public enum LogStatus: String, CaseIterable, Sendable, Hashable {
  /// The log was read to its end and nothing is wrong with it.
  case complete
  /// The log changed while it was read, or its task may still write to it.
  case growing
  /// The compressed stream ends before its end.
  case truncated
  /// The compressed stream is damaged: a checksum, a length or the data itself.
  case corrupt
  /// Nothing could be read.
  case failed
}
