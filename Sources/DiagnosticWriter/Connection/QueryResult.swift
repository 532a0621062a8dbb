import CLibPQ

/// The outcome of one SQL statement.
@safe
final class QueryResult {
  private let handle: OpaquePointer

  /// Takes over a `PGresult`, which it frees.
  @unsafe init(owning handle: OpaquePointer) {
    unsafe self.handle = handle
  }

  deinit {
    unsafe PQclear(handle)
  }

  var status: ExecStatusType { unsafe PQresultStatus(handle) }

  var rowCount: Int { Int(unsafe PQntuples(handle)) }

  /// The position of a column by name; nil where the statement returned none of that name.
  func column(_ name: String) -> Int? {
    let index = unsafe PQfnumber(handle, name)
    return index < 0 ? nil : Int(index)
  }

  /// The text of a value; nil for NULL, and outside the result.
  func text(_ row: Int, _ column: Int) -> String? {
    guard row >= 0, row < rowCount, column >= 0, column < Int(unsafe PQnfields(handle)),
      unsafe PQgetisnull(handle, CInt(row), CInt(column)) == 0,
      let value = unsafe PQgetvalue(handle, CInt(row), CInt(column))
    else { return nil }
    return unsafe String(cString: value)
  }

  func integer(_ row: Int, _ column: Int) -> Int64? {
    text(row, column).flatMap { Int64($0) }
  }

  func boolean(_ row: Int, _ column: Int) -> Bool? {
    text(row, column).map { $0 == "t" }
  }

  /// The server's error, where there is one.
  var failure: DatabaseError? {
    guard let sqlState = errorField(.sqlState) else { return nil }
    return DatabaseError(
      sqlState: sqlState, message: errorField(.primaryMessage) ?? "the server reported no message",
      detail: errorField(.detail) ?? errorField(.context),
      hint: errorField(.hint))
  }

  /// The text of a notice, which libpq keeps and frees itself.
  @unsafe static func primaryMessage(ofNotice notice: OpaquePointer?) -> String? {
    guard let value = unsafe PQresultErrorField(notice, ErrorField.primaryMessage.code) else { return nil }
    return unsafe String(cString: value)
  }

  private func errorField(_ field: ErrorField) -> String? {
    guard let value = unsafe PQresultErrorField(handle, field.code) else { return nil }
    return unsafe String(cString: value)
  }
}

/// The parts of an error; libpq's `PG_DIAG_…` macros are character literals, which Swift does not import.
private enum ErrorField: Character {
  case sqlState = "C"
  case primaryMessage = "M"
  case detail = "D"
  case hint = "H"
  case context = "W"

  var code: CInt { CInt(rawValue.asciiValue ?? 0) }
}
