//go:build !race

package api_test

// hostileStride is 1: each field gets every hostile text.
const hostileStride = 1
