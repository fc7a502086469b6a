package operation

import (
	"net/http"
	"strconv"
	"strings"

	"belfry.dev/belfry/api/contract"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
)

// MaxFields bounds how many values one problem complains about.
const MaxFields = contract.MaxFields

// Nothing is the Out type of operations that answer 204.
type Nothing struct{}

// ItemProblem is what is wrong with one item of a batch.
type ItemProblem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Detail string         `json:"detail"`
	Errors []models.Field `json:"errors,omitempty" doc:"Pointers are into the body of the batch."`
}

// Refusal is what is told of an item of a batch that cannot be accepted; own is false
// when that is not the item's fault.
func Refusal(i int, err error) (status int, problem *ItemProblem, own bool) {
	p := wire.NewProblem(err, "", "")
	problem = &ItemProblem{Type: p.Type, Title: p.Title, Detail: p.Detail}
	for _, f := range p.Errors {
		f.Pointer = "#/items/" + strconv.Itoa(i) + strings.TrimPrefix(f.Pointer, "#")
		problem.Errors = append(problem.Errors, f)
	}
	return p.Status, problem, p.Status < http.StatusInternalServerError
}
