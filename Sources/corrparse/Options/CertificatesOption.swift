import ArgumentParser
import HTTPTransport

/// By which authorities an https server is trusted: a Prometheus, a Pushgateway.
struct CertificatesOption: ParsableArguments {
  /// In this order, as curl has it.
  private static let variables = ["CURL_CA_BUNDLE", "SSL_CERT_FILE"]

  @Option(
    help: ArgumentHelp(
      "A PEM file with the authorities by which an https server is trusted, in place of the system's; else CURL_CA_BUNDLE or SSL_CERT_FILE. Revocation lists in it are obeyed.",
      valueName: "file"))
  var caFile: String?

  func validate() throws {
    if let caFile, let obstacle = CertificateFile.obstacle(caFile) {
      throw ValidationError("--ca-file: \(SecretArgument.shown(caFile)): \(obstacle)")
    }
  }

  /// The file that counts. A server's own variable goes before those of all servers.
  func file(first own: String? = nil) -> String? {
    caFile ?? Self.variable(own).flatMap { Environment[$0] }
  }

  /// The variable that names the file, without an option.
  private static func variable(_ own: String?) -> String? {
    ([own].compactMap(\.self) + variables).first { Environment[$0] != nil }
  }

  /// Makes sure that the environment names a file that can be used, before anything is asked of an https server.
  /// - Throws: A configuration error.
  func requireUsable(for address: HTTPAddress, first own: String? = nil) throws {
    guard caFile == nil, address.isSecure, let name = Self.variable(own),
      let file = Environment[name], let obstacle = CertificateFile.obstacle(file)
    else { return }
    Diagnostics.say("\(name): \(SecretArgument.shown(file)): \(obstacle)")
    throw ExitStatus.configuration.exit
  }
}
