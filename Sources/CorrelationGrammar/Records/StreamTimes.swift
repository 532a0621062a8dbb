/// The last time in each stream, for headers whose own line has none (2-log-envelopes, Times).
struct StreamTimes {
  /// The limit protects against a hostile log that names another stream on every line.
  private static let most = 1024

  private var indices: [StreamKey: Int] = [:]
  private var keys: [StreamKey] = []
  private var times: [[UInt8]] = []
  private var last = 0

  /// The number of a stream. `didOverflow` says that there were too many streams, and that the times of all were forgotten.
  mutating func index(of key: StreamKey) -> (index: Int, didOverflow: Bool) {
    if last < keys.count, keys[last] == key { return (last, false) }
    if let found = indices[key] {
      last = found
      return (found, false)
    }
    let didOverflow = keys.count >= Self.most
    if didOverflow { self = StreamTimes() }
    last = keys.count
    indices[key] = last
    keys.append(key)
    times.append([])
    return (last, didOverflow)
  }

  /// Takes note of a time as written. It is one that can be read.
  mutating func note(_ time: Span<UInt8>, stream index: Int) {
    times[index].become(time)
  }

  /// The last time as written. Empty if the stream had none.
  func time(of key: StreamKey) -> [UInt8] { indices[key].map { times[$0] } ?? [] }
}
