package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// sharedParameters are those that several operations take, by what they look like.
type sharedParameters map[string]*sharedParameter

type sharedParameter struct {
	parameter node
	count     int
	// name is that of the component; "" where one operation alone has it.
	name string
}

// findShared tidies all parameters and names those that stand in several operations.
func (p *presentation) findShared() sharedParameters {
	found := sharedParameters{}
	for op := range p.operations() {
		list, _ := op["parameters"].([]any)
		for _, each := range list {
			parameter := object(each)
			tidy(parameter)
			key := fingerprint(parameter)
			if found[key] == nil {
				found[key] = &sharedParameter{parameter: parameter}
			}
			found[key].count++
		}
	}
	found.nameAll()
	return found
}

// tidy leaves out what says nothing, and what is said twice.
func tidy(parameter node) {
	schema, _ := parameter["schema"].(node)
	if schema["type"] != "array" {
		delete(parameter, "explode")
	}
	if schema["description"] == parameter["description"] {
		delete(schema, "description")
	}
}

func fingerprint(parameter node) string {
	text, err := json.Marshal(parameter)
	if err != nil {
		panic("api: a parameter that was read cannot be written: " + err.Error())
	}
	return string(text)
}

// nameAll names each shared parameter after itself: "limit", and "id-2" for another of the
// same name. The order is that of what they look like, so that names last.
func (s sharedParameters) nameAll() {
	used := map[string]int{}
	for _, key := range slices.Sorted(maps.Keys(s)) {
		shared := s[key]
		if shared.count < 2 {
			continue
		}
		shared.name = s.baseName(shared.parameter)
		typed := typeName.Replace(strings.ToLower(shared.name))
		used[typed]++
		if n := used[typed]; n > 1 {
			shared.name = fmt.Sprintf("%s-%d", shared.name, n)
		}
	}
}

// typeName makes of a name, in lower case, what it has in common with those that generators
// make the same type of: "bot-id" and "bot_id" are both BotId.
var typeName = strings.NewReplacer("-", "", "_", "")

// idPattern finds the kind in the pattern of ids: usr in "^usr_[0-9a-f]{32}$".
var idPattern = regexp.MustCompile(`^\^([a-z]+)_\[0-9a-f\]\{32\}\$$`)

// baseName is "usr-id" for a path's {id} with the pattern of a user's ids, else the
// parameter's own name.
func (s sharedParameters) baseName(parameter node) string {
	name := fmt.Sprint(parameter["name"])
	schema, _ := parameter["schema"].(node)
	pattern, _ := schema["pattern"].(string)
	if kind := idPattern.FindStringSubmatch(pattern); kind != nil {
		return kind[1] + "-" + name
	}
	return name
}

// components are the named ones.
func (s sharedParameters) components() node {
	named := node{}
	for _, shared := range s {
		if shared.name != "" {
			named[shared.name] = shared.parameter
		}
	}
	return named
}

// parameters puts references in place of shared ones.
func (p *presentation) parameters(op node) {
	list, _ := op["parameters"].([]any)
	for i, each := range list {
		if shared := p.shared[fingerprint(object(each))]; shared.name != "" {
			list[i] = node{"$ref": "#/components/parameters/" + shared.name}
		}
	}
}
