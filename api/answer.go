package api

import (
	"net/http"
	"strconv"
	"strings"

	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
)

// changed is the Out type of operations that answer 204.
type changed struct{}

type itemProblem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Detail string         `json:"detail"`
	Errors []models.Field `json:"errors,omitempty" doc:"Pointers are into the body of the batch."`
}

// refusal is what is told of an item of a batch that cannot be accepted; own is false
// when that is not the item's fault.
func refusal(i int, err error) (status int, problem *itemProblem, own bool) {
	p := wire.NewProblem(err, "", "")
	problem = &itemProblem{Type: p.Type, Title: p.Title, Detail: p.Detail}
	for _, f := range p.Errors {
		f.Pointer = "#/items/" + strconv.Itoa(i) + strings.TrimPrefix(f.Pointer, "#")
		problem.Errors = append(problem.Errors, f)
	}
	return p.Status, problem, p.Status < http.StatusInternalServerError
}
