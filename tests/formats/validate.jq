# SPDX-License-Identifier: GPL-2.0-or-later
# Check the input against $schema, of which JSON Schema's type, enum, properties, items and $ref are known. Of an
# object exactly the keys in `properties` must be there. Prints a line for each error: PATH: WHAT.

def type_name: if type == "number" and (. == floor) then "integer" else type end;

def resolve($schema): if has("$ref") then $schema["$defs"][."$ref" | ltrimstr("#/$defs/")] else . end;

def errors($rule; $path):
    . as $value
    | ($rule | resolve($schema)) as $rule
    | if $rule == null then "\($path): the schema has no such definition"
      elif ($rule.type | if type == "array" then . else [.] end | index($value | type_name)) == null
      then "\($path): \(type_name) instead of \($rule.type)"
      elif $rule.enum and ($rule.enum | index([$value]) == null) then "\($path): \($value) is not in the list"
      elif type == "object"
      then (keys - ($rule.properties | keys) | .[] | "\($path).\(.): unknown key"),
           (($rule.properties | keys) - keys | .[] | "\($path).\(.): missing"),
           (($rule.properties | keys_unsorted[]) as $key | select(has($key))
            | .[$key] | errors($rule.properties[$key]; "\($path).\($key)"))
      elif type == "array" then range(length) as $i | .[$i] | errors($rule.items; "\($path)[\($i)]")
      else empty
      end;

errors($schema; "")
