/// The settings of one profile. A setting of the credentials file counts before that of the config file.
struct StoreProfile {
  /// The profile's name.
  let name: String
  /// The endpoint for S3 in the `services` section that the profile names.
  let serviceEndpoint: String?

  private let settings: [String: String]

  /// Reads the profile that the environment names, or `default` if it names none.
  /// - Throws: A failure if the environment names a profile that no file has.
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
    // Take both keys from the same file. Half of a pair from the other file would belong to somebody else.
    if inCredentials?["aws_access_key_id"] != nil {
      for key in ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"] { settings[key] = nil }
    }
    self.settings = settings.merging(inCredentials ?? [:]) { $1 }
    self.name = name
    serviceEndpoint = settings["services"].flatMap { config.sections["services \($0)"]?["s3.endpoint_url"] }
  }

  /// The value of a setting; nil if the profile does not have it.
  subscript(key: String) -> String? { settings[key] }
}
