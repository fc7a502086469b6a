//go:build !bench

package main

import (
	"fmt"
	"os"
)

// main says how to build what is meant.
func main() {
	fmt.Fprintln(os.Stderr, "bench is built with -tags bench: run make bench")
	os.Exit(2)
}
