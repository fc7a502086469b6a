package operation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Row is one line of a room's table.
type Row struct {
	op       Operation
	register func(*Core, Operation)
}

// Serve is a row: the method with the path, the action, the status of success, and the
// function that answers.
func Serve[In, Out any](route, action string, status int, endpoint func(context.Context, *Call, *In) (*Out, error)) Row {
	method, path, _ := strings.Cut(route, " ")
	return Row{
		op:       Operation{Action: action, Method: method, Path: path, Status: status},
		register: func(s *Core, op Operation) { Register(s, op, endpoint) },
	}
}

// Table registers the operations of a room in the order of its rows. described has what is
// not in the row, by action: texts, and what is special. Rows and descriptions that do not
// fit together end the process when it starts.
func Table(s *Core, rows []Row, described ...map[string]Operation) {
	all := map[string]Operation{}
	for _, each := range described {
		maps.Copy(all, each)
	}
	for _, row := range rows {
		op := all[row.op.Action]
		delete(all, row.op.Action)
		op.Action, op.Method, op.Path, op.Status = row.op.Action, row.op.Method, row.op.Path, row.op.Status
		row.register(s, op)
	}
	if len(all) > 0 {
		panic(fmt.Sprintf("api: no row serves %v", slices.Sorted(maps.Keys(all))))
	}
}
