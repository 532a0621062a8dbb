extension DatabaseError {
  /// The same failure to connect, with the origin of the connection's settings as its detail, unless the server gave one.
  public func ofConnection(from origin: String) -> DatabaseError {
    DatabaseError(category, sqlState: sqlState, message: message, detail: detail ?? origin, advice: advice)
  }
}
