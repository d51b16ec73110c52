// Package house holds tests of the repository as a whole: who may import whom,
// and that the commands in README.md do what it says. It has no code.
package house
