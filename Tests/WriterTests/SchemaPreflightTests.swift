import Testing

@testable import DiagnosticWriter

/// What `migrate` looks at before its first step; Tests/Operations/test_preflight.py makes the databases for real.
@Suite struct SchemaPreflightTests {
  private static func facts(
    server: Int64 = 15, mayCreate: Bool = true, hasLedger: Bool = false,
    schemas: [SchemaPreflight.Schema] = []
  ) -> SchemaPreflight {
    SchemaPreflight(
      serverVersion: server, serverName: "\(server).2", database: "d", user: "u",
      mayCreateSchemas: mayCreate, hasLedger: hasLedger, schemas: schemas)
  }

  private static func schema(_ name: String, isOwn: Bool = true, isEmpty: Bool = false)
    -> SchemaPreflight.Schema
  {
    SchemaPreflight.Schema(name: name, isOwn: isOwn, isEmpty: isEmpty)
  }

  @Test(arguments: [14, 15, 18, 19] as [Int64])
  func newEnoughServersAreTaken(server: Int64) {
    #expect(Self.facts(server: server).obstacle == nil)
  }

  @Test func oldServersAreRefused() {
    let obstacle = Self.facts(server: 13).obstacle
    #expect(obstacle?.category == .configuration)
    #expect(obstacle?.message == "the server is PostgreSQL 13.2, and the schema needs 14 or later")
  }

  @Test func ownSchemasAreTaken() {
    let own = [Self.schema("corrparse"), Self.schema("diagnostics")]
    #expect(Self.facts(mayCreate: false, hasLedger: true, schemas: own).obstacle == nil)
    #expect(Self.facts(schemas: [Self.schema("corrparse", isEmpty: true)]).obstacle == nil)
    #expect(Self.facts(schemas: own).obstacle != nil)
    #expect(Self.facts(schemas: [Self.schema("diagnostics", isEmpty: true)]).obstacle != nil)
    #expect(Self.facts(hasLedger: true, schemas: [Self.schema("corrparse", isOwn: false)]).obstacle != nil)
  }
}
