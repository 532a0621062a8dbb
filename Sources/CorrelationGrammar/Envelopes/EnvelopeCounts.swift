import LogModel

/// How many records of each envelope a log has; of a collector's, how many lines.
struct EnvelopeCounts {
  private var counts = Array(repeating: 0, count: LogEnvelope.allCases.count)

  mutating func count(_ envelope: LogEnvelope, _ number: Int = 1) {
    switch envelope {
    case .airflow2Text: counts[0] += number
    case .airflow3JSON: counts[1] += number
    case .airflow2JSON: counts[2] += number
    case .apiJSON: counts[3] += number
    case .airflow3Console: counts[4] += number
    case .uiDownload: counts[5] += number
    case .cri: counts[6] += number
    case .dockerJSON: counts[7] += number
    case .custom: counts[8] += number
    case .bare: counts[9] += number
    }
  }

  /// The envelopes that were found, in the order of the table in 2-log-envelopes, Envelopes.
  var found: [(envelope: LogEnvelope, count: Int)] {
    zip(LogEnvelope.allCases, counts).filter { $0.1 > 0 }.map { ($0.0, $0.1) }
  }
}
