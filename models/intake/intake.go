// Package intake has the rules of what may come in: the addresses that a contact needs, and
// when a submission is due and over.
package intake
