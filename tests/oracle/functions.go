package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	html "html/template"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// title is not here: Go's standard library has no equal of it.
func functions(now time.Time) map[string]any {
	return map[string]any{
		"toUpper":     strings.ToUpper,
		"toLower":     strings.ToLower,
		"trimSpace":   strings.TrimSpace,
		"join":        func(sep string, s []string) string { return strings.Join(s, sep) },
		"match":       regexp.MatchString,
		"safeHtml":    func(s string) html.HTML { return html.HTML(s) },
		"safeUrl":     func(s string) html.URL { return html.URL(s) },
		"urlUnescape": url.QueryUnescape,
		"reReplaceAll": func(pattern, repl, text string) (string, error) {
			re, err := regexp.Compile(pattern)
			if err != nil {
				return "", err
			}
			return re.ReplaceAllString(text, repl), nil
		},
		"stringSlice":  func(s ...string) []string { return s },
		"list":         func(values ...any) []any { return values },
		"append":       func(list []any, values ...any) []any { return append(list[:len(list):len(list)], values...) },
		"dict":         dict,
		"base64encode": func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) },
		"base64decode": func(s string) (string, error) {
			b, err := base64.URLEncoding.DecodeString(s)
			return string(b), err
		},
		"toJson": func(v any) (string, error) {
			b, err := json.Marshal(v)
			return string(b), err
		},
		"now":   func() time.Time { return now },
		"since": func(t time.Time) time.Duration { return now.Sub(t) },
		"date":  func(layout string, t time.Time) string { return t.Format(layout) },
		"tz": func(name string, t time.Time) (time.Time, error) {
			loc, err := time.LoadLocation(name)
			if err != nil {
				return time.Time{}, err
			}
			return t.In(loc), nil
		},
		"toDate": func(layout, s string) time.Time {
			t, _ := time.ParseInLocation(layout, s, time.UTC)
			return t
		},
		"mustToDate": func(layout, s string) (time.Time, error) {
			return time.ParseInLocation(layout, s, time.UTC)
		},
		"humanizeDuration": humanizeDuration,
		"coll":             func() coll { return coll{} },
		"data":             func() data { return data{} },
	}
}

func dict(values ...any) (map[string]any, error) {
	if len(values)%2 != 0 {
		return nil, errors.New("odd")
	}
	m := map[string]any{}
	for i := 0; i < len(values); i += 2 {
		key, ok := values[i].(string)
		if !ok {
			return nil, errors.New("key is no string")
		}
		m[key] = values[i+1]
	}
	return m, nil
}

type coll struct{}

func (coll) Dict(values ...any) (map[string]any, error) { return dict(values...) }
func (coll) Slice(values ...any) []any                  { return values }
func (coll) Append(item any, list []any) []any          { return append(list[:len(list):len(list)], item) }

type data struct{}

func (data) ToJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

func (data) ToJSONPretty(indent string, v any) (string, error) {
	var out bytes.Buffer
	b, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	err = json.Indent(&out, b, "", indent)
	return out.String(), err
}

func humanizeDuration(i any) (string, error) {
	var v float64
	switch n := i.(type) {
	case time.Duration:
		v = n.Seconds()
	case float64:
		v = n
	case int:
		v = float64(n)
	case string:
		f, err := strconv.ParseFloat(n, 64)
		if err != nil {
			return "", err
		}
		v = f
	default:
		return "", errors.New("no number")
	}
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return fmt.Sprintf("%.4g", v), nil
	case v == 0:
		return "0s", nil
	case math.Abs(v) < 1:
		prefix := ""
		for _, p := range []string{"m", "u", "n", "p", "f", "a", "z", "y"} {
			if math.Abs(v) >= 1 {
				break
			}
			prefix = p
			v *= 1000
		}
		return fmt.Sprintf("%.4g%ss", v, prefix), nil
	}
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	d := int64(v)
	days, hours, minutes, seconds := d/86400, d/3600%24, d/60%60, d%60
	switch {
	case days != 0:
		return fmt.Sprintf("%s%dd %dh %dm %ds", sign, days, hours, minutes, seconds), nil
	case hours != 0:
		return fmt.Sprintf("%s%dh %dm %ds", sign, hours, minutes, seconds), nil
	case minutes != 0:
		return fmt.Sprintf("%s%dm %ds", sign, minutes, seconds), nil
	}
	return fmt.Sprintf("%s%.4gs", sign, v), nil
}
