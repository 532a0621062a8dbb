import Testing

@testable import ObjectStore

@Suite struct StoreConfigurationTests {
  private static let keys = ["AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"]

  private func configuration(
    _ variables: [String: String], files: [String: String] = [:]
  ) throws -> StoreConfiguration {
    try StoreConfiguration(variable: { variables[$0] }, file: { files[$0] })
  }

  private func bucket(_ name: String, _ variables: [String: String]) throws -> Bucket {
    Bucket(
      name, configuration: try configuration(Self.keys.merging(variables) { $1 }), patience: StorePatience(),
      userAgent: "test", isStopping: { false })
  }

  @Test func theEnvironmentGoesBeforeTheFiles() throws {
    let files = [
      "/home/.aws/config":
        "[default]\nregion = eu-west-1\nendpoint_url = http://file:1\nca_bundle = /file.pem",
      "/home/.aws/credentials": "[default]\naws_access_key_id = other\naws_secret_access_key = other",
    ]
    let found = try configuration(
      Self.keys.merging([
        "HOME": "/home", "AWS_REGION": "eu-west-2", "AWS_ENDPOINT_URL": "http://all:2",
        "AWS_ENDPOINT_URL_S3": "http://s3:3/", "AWS_CA_BUNDLE": "/own.pem", "AWS_SESSION_TOKEN": "token",
      ]) { $1 }, files: files)
    #expect(found.region == "eu-west-2")
    #expect(found.endpoint?.description == "http://s3:3")
    #expect(found.certificates == "/own.pem")
    #expect(
      found.credentials == .fixed(Credentials(accessKeyID: "id", secretKey: "secret", sessionToken: "token")))
    let ofFiles = try configuration(["HOME": "/home"], files: files)
    #expect(ofFiles.region == "eu-west-1")
    #expect(ofFiles.endpoint?.description == "http://file:1")
    #expect(ofFiles.credentials == .fixed(Credentials(accessKeyID: "other", secretKey: "other")))
  }

  /// What is said for buckets goes before what is said for every program.
  @Test(
    arguments: [
      (["AWS_CA_BUNDLE": "/aws", "CURL_CA_BUNDLE": "/curl"], true, "/aws"),
      (["CURL_CA_BUNDLE": "/curl"], true, "/file"),
      (["CURL_CA_BUNDLE": "/curl", "SSL_CERT_FILE": "/ssl"], false, "/curl"),
      (["SSL_CERT_FILE": "/ssl"], false, "/ssl"),
      ([:], false, nil),
    ] as [([String: String], Bool, String?)])
  func whereCertificatesComeFrom(variables: [String: String], hasProfile: Bool, expected: String?) throws {
    let files = ["/h/.aws/config": "[default]\nregion = r\n" + (hasProfile ? "ca_bundle = /file\n" : "")]
    let found = try configuration(
      Self.keys.merging(variables) { $1 }.merging(["HOME": "/h"]) { $1 }, files: files)
    #expect(found.certificates == expected)
  }

  @Test func aProfileHasSettingsOfItsOwnAndOfItsServices() throws {
    let files = [
      "/config": """
      # a comment
      [default]
      region = us-west-1
      [profile  logs]
      region=eu-north-1 # where they are
      services = minio
      s3 =
        addressing_style = virtual
        max_concurrent_requests = 10
      [services minio]
      s3 =
        endpoint_url = http://minio:9000
      """,
      "/credentials": "[logs]\r\naws_access_key_id=a\r\naws_secret_access_key=b#c\r\n",
    ]
    let found = try configuration(
      ["AWS_PROFILE": "logs", "AWS_CONFIG_FILE": "/config", "AWS_SHARED_CREDENTIALS_FILE": "/credentials"],
      files: files)
    #expect(found.region == "eu-north-1")
    #expect(found.addressing == .virtualHost)
    #expect(found.endpoint?.description == "http://minio:9000")
    #expect(found.credentials == .fixed(Credentials(accessKeyID: "a", secretKey: "b#c")))
  }

  @Test func aPairOfKeysIsNotMadeOfTwoPlaces() throws {
    let found = try configuration(
      ["HOME": "/h", "AWS_REGION": "r"],
      files: [
        "/h/.aws/config":
          "[default]\naws_access_key_id = x\naws_secret_access_key = y\naws_session_token = z",
        "/h/.aws/credentials": "[default]\naws_access_key_id = a\naws_secret_access_key = b",
      ])
    #expect(found.credentials == .fixed(Credentials(accessKeyID: "a", secretKey: "b")))
  }

  @Test(arguments: [
    ([:], "AWS_REGION"), (["AWS_REGION": "r"], "AWS_ACCESS_KEY_ID"),
    (["AWS_REGION": "r", "AWS_ACCESS_KEY_ID": "id"], "AWS_SECRET_ACCESS_KEY"),
    (["AWS_REGION": "r", "AWS_PROFILE": "nobody"], "nobody"), (["AWS_REGION": "r/../x"], "region"),
    (["AWS_ENDPOINT_URL": "ftp://x"], "http://"),
    (["CORRPARSE_S3_ADDRESSING": "dns", "AWS_REGION": "r"], "path"),
    (["CORRPARSE_BUCKET_TIMEOUT": "0", "AWS_REGION": "r"], "CORRPARSE_BUCKET_TIMEOUT"),
  ])
  func whatIsMissingIsNamed(variables: [String: String], word: String) throws {
    let failure = try #require(throws: ConfigurationFailure.self) { _ = try configuration(variables) }
    #expect(failure.description.contains(word))
  }

  @Test(arguments: ["credential_process = x", "sso_session = x", "role_arn = x\nsource_profile = y"])
  func whatCannotBeDoneIsSaid(setting: String) throws {
    let failure = try #require(throws: ConfigurationFailure.self) {
      _ = try configuration(
        ["HOME": "/h", "AWS_REGION": "r"], files: ["/h/.aws/config": "[default]\n\(setting)"])
    }
    #expect(failure.description.contains("does not do"))
  }

  @Test(arguments: [
    ("logs", [:], "https://logs.s3.eu-west-1.amazonaws.com/a%20b"),
    ("my.logs", [:], "https://s3.eu-west-1.amazonaws.com/my.logs/a%20b"),
    ("logs", ["AWS_REGION": "cn-north-1"], "https://logs.s3.cn-north-1.amazonaws.com.cn/a%20b"),
    ("logs", ["AWS_ENDPOINT_URL": "http://minio:9000/"], "http://minio:9000/logs/a%20b"),
    ("logs", ["AWS_ENDPOINT_URL": "https://user:pass@minio:443/s3"], "https://minio/s3/logs/a%20b"),
    (
      "logs", ["AWS_ENDPOINT_URL": "http://minio:9000", "CORRPARSE_S3_ADDRESSING": "virtual"],
      "http://logs.minio:9000/a%20b"
    ),
    ("logs", ["CORRPARSE_S3_ADDRESSING": "path"], "https://s3.eu-west-1.amazonaws.com/logs/a%20b"),
  ])
  func urls(name: String, variables: [String: String], url: String) throws {
    let bucket = try bucket(name, ["AWS_REGION": "eu-west-1"].merging(variables) { $1 })
    #expect(bucket.url(bucket.path(of: Array("a b".utf8)), []) == url)
  }
}
