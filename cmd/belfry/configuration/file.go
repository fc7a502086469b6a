package configuration

import (
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
)

// readFile reads the configuration file, once; without one there are no values.
func (r *Reader) readFile(ctx *kong.Context) error {
	if r.file != nil {
		return nil
	}
	r.file = map[string]string{}
	path := r.path(ctx)
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the configuration file: %w", err)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return fmt.Errorf("read the configuration file %s: %s", path, yaml.FormatError(err, false, false))
	}
	return r.flatten("", tree)
}

// path is what --config or its variable says.
func (r *Reader) path(ctx *kong.Context) string {
	for _, flag := range ctx.Model.Flags {
		if flag.Name == "config" {
			path, _ := ctx.FlagValue(flag).(string)
			return path
		}
	}
	return ""
}

// flatten writes nested keys as one: db: {dsn: …} is db_dsn.
func (r *Reader) flatten(prefix string, tree map[string]any) error {
	for name, value := range tree {
		name = prefix + strings.ReplaceAll(name, "-", "_")
		if inner, ok := value.(map[string]any); ok {
			if err := r.flatten(name+"_", inner); err != nil {
				return err
			}
			continue
		}
		if _, twice := r.file[name]; twice {
			return fmt.Errorf("the configuration file sets %q twice", name)
		}
		r.file[name] = scalar(value)
	}
	return nil
}

func scalar(value any) string {
	list, ok := value.([]any)
	if !ok {
		if value == nil {
			return ""
		}
		return fmt.Sprint(value)
	}
	parts := make([]string, 0, len(list))
	for _, each := range list {
		parts = append(parts, scalar(each))
	}
	return strings.Join(parts, ",")
}
