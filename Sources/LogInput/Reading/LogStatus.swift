/// What a reading found the log to be (4-database, Ledger). Raw values are part of the contracts.
public enum LogStatus: String, CaseIterable, Sendable, Hashable {
  /// Read to its end, nothing wrong.
  case complete
  /// It changed while it was read, or its task may still write.
  case growing
  /// The compressed stream ends before its end.
  case truncated
  /// The compressed stream is damaged: a checksum, a length or the data itself.
  case corrupt
  /// Nothing could be read.
  case failed
}
