/// The settings of one profile, from both shared files; the credentials file goes first.
struct StoreProfile {
  /// The profile's name.
  let name: String
  /// The endpoint that the profile's `services` section has for S3.
  let serviceEndpoint: String?

  private let settings: [String: String]

  /// Finds the profile that the environment names, else `default`.
  /// - Throws: Where the environment names one that no file has.
  init(
    variable: (String) -> String?, file: (String) throws(ConfigurationFailure) -> String?
  ) throws(ConfigurationFailure) {
    let asked = variable("AWS_PROFILE") ?? variable("AWS_DEFAULT_PROFILE")
    let name = asked ?? "default"
    func read(_ path: String?, orInHome name: String) throws(ConfigurationFailure) -> SharedConfigFile {
      guard let path = path ?? variable("HOME").map({ "\($0)/.aws/\(name)" }) else {
        return SharedConfigFile()
      }
      return try file(path).map { SharedConfigFile($0) } ?? SharedConfigFile()
    }
    let config = try read(variable("AWS_CONFIG_FILE"), orInHome: "config")
    let credentials = try read(variable("AWS_SHARED_CREDENTIALS_FILE"), orInHome: "credentials")
    let inConfig = config.sections["profile \(name)"] ?? (name == "default" ? config.sections[name] : nil)
    let inCredentials = credentials.sections[name]
    if let asked, inConfig == nil, inCredentials == nil {
      throw ConfigurationFailure(
        "there is no profile '\(asked)' in the configuration and credential files; check AWS_PROFILE")
    }
    var settings = inConfig ?? [:]
    // A pair of keys in one file is not completed from the other.
    if inCredentials?["aws_access_key_id"] != nil {
      for key in ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"] { settings[key] = nil }
    }
    self.settings = settings.merging(inCredentials ?? [:]) { $1 }
    self.name = name
    serviceEndpoint = settings["services"].flatMap { config.sections["services \($0)"]?["s3.endpoint_url"] }
  }

  /// A setting.
  subscript(key: String) -> String? { settings[key] }
}
