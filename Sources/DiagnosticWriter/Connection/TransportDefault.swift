import CLibPQ
import Glibc

/// How a connection is protected where nobody says it (5-command-line, Configuration).
///
/// libpq's own default, `prefer`, sends the password in clear to whoever answers that there is no TLS. Over a network the
/// default is `require` therefore; a Unix socket and the loopback interface keep libpq's.
enum TransportDefault {
  /// What `sslmode` is for a connection string, beside libpq's environment and service files; nil where it is said there, or where the
  /// connection does not leave this machine.
  static func mode(for source: ConnectionString) -> String? {
    guard !source.saysSSLMode, !isSaidByEnvironment else { return nil }
    let resolved = resolved(source)
    // A service file may say it. What it says is seen unless it is libpq's own default, which does not count there.
    guard resolved["sslmode"] ?? "prefer" == "prefer" else { return nil }
    return staysHere(hosts: resolved["host"], addresses: resolved["hostaddr"]) ? nil : "require"
  }

  /// Whether a list of hosts, as libpq takes it, names sockets and the loopback interface only. An address counts before a name.
  static func staysHere(hosts: String?, addresses: String?) -> Bool {
    let hosts = parts(hosts)
    let addresses = parts(addresses)
    return (0..<max(hosts.count, addresses.count)).allSatisfy { index in
      let address = index < addresses.count ? addresses[index] : ""
      return isHere(address.isEmpty ? (index < hosts.count ? hosts[index] : "") : address)
    }
  }

  private static func parts(_ list: String?) -> [Substring] {
    (list ?? "").split(separator: ",", omittingEmptySubsequences: false)
  }

  /// No name at all is libpq's own socket. Of names only the one that RFC 6761 keeps for this machine counts: what another one
  /// leads to, the network decides.
  private static func isHere(_ host: Substring) -> Bool {
    if host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") { return true }
    if host == "::1" || host.lowercased() == "localhost" { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
  }

  private static var isSaidByEnvironment: Bool {
    unsafe getenv("PGSSLMODE") != nil
      || (getenv("PGREQUIRESSL").map { unsafe String(cString: $0).hasPrefix("1") } ?? false)
  }

  /// What string, service file and environment come to. libpq tells it of a connection that is begun: this one ends before it
  /// reaches out, as it asks for a kind of server that there is not. Its password keeps libpq from looking for one.
  private static func resolved(_ source: ConnectionString) -> [String: String] {
    let handle = unsafe LibpqOptions.start(
      source.options + [(name: "password", value: "none"), (name: "target_session_attrs", value: "none")])
    defer { unsafe PQfinish(handle) }
    return unsafe LibpqOptions.taking(PQconninfo(handle)) ?? [:]
  }
}
