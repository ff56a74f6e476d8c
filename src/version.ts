/** The version of the package, as servers and users are told it; kept equal to package.json by a test. */
export const version = '0.0.0'
