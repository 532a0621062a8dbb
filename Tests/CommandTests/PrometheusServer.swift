import Glibc
import TestSupport

/// A real Prometheus server on a port of its own, over metrics that promtool has put into its database.
final class PrometheusServer {
  /// The instant that the metrics lead up to: 2026-03-28T12:00:00Z.
  static let noon = 1_774_699_200

  let port: Int
  private let server: ChildProcess
  private let files: Workspace

  /// Starts it, and waits until it answers.
  /// A password hash is for a user `grafana`, as bcrypt has it; without one everybody is let in.
  init(_ metrics: String, passwordHash: String? = nil) throws {
    files = try Workspace()
    try files.write(metrics + "# EOF\n", to: "metrics.txt")
    try files.write("global: {}\n", to: "prometheus.yml")
    try files.write(
      passwordHash.map { "basic_auth_users: {grafana: '\($0)'}\n" } ?? "{}\n", to: "web.yml")
    let loading = try ChildProcess(
      Self.program("promtool"),
      ["tsdb", "create-blocks-from", "openmetrics", files("metrics.txt"), files("data")].map {
        Array($0.utf8)
      },
      environment: [:], folder: nil, limit: .seconds(60))
    loading.closeInput()
    guard try loading.finish() == .exited(0) else {
      throw ChildProcess.Failure(String(decoding: loading.errors, as: UTF8.self))
    }
    port = try Self.freePort()
    server = try ChildProcess(
      Self.program("prometheus"),
      [
        "--config.file=" + files("prometheus.yml"), "--web.config.file=" + files("web.yml"),
        "--storage.tsdb.path=" + files("data"), "--storage.tsdb.retention.time=100y",
        "--web.listen-address=127.0.0.1:\(port)",
      ].map { Array($0.utf8) }, environment: [:], folder: nil, limit: .seconds(300))
    server.closeInput()
    while !String(decoding: server.errors, as: UTF8.self).contains("Server is ready to receive web requests")
    {
      guard try server.serve(for: .milliseconds(20)) else {
        throw ChildProcess.Failure(String(decoding: server.errors, as: UTF8.self))
      }
    }
  }

  deinit {
    server.send(signal: SIGKILL)
  }

  /// Samples of one series from one time to another, relative to ``noon``.
  static func series(
    _ name: String, from start: Int, to end: Int = 0, every step: Int = 60, _ value: (Int) -> Double
  ) -> String {
    stride(from: start, through: end, by: step).map { "\(name) \(value($0)) \(noon + $0)\n" }.joined()
  }

  /// From the PATH, else where Scripts/install-dependencies.sh puts it.
  private static func program(_ name: String) -> String {
    let own =
      "\(#filePath)".split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
      + "/.corrparse/tools/usr/bin/" + name
    return access(own, X_OK) == 0 ? own : "/usr/bin/" + name
  }

  private static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, size) == 0 && getsockname(descriptor, pointer, &size) == 0
      }
    }
    guard isBound else { throw ChildProcess.Failure("no free port") }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
